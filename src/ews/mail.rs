//! [`MailRead`](crate::MailRead), [`MailWrite`](crate::MailWrite) and [`MailSend`](crate::MailSend) on EWS.

mod read;
mod send;
mod write;
