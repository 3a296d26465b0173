//! [`MailRead`](crate::MailRead), [`MailWrite`](crate::MailWrite) and [`MailSend`](crate::MailSend) on EWS.

mod mime;
mod read;
mod send;
mod write;
