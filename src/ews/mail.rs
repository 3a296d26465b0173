//! [`MailRead`](crate::MailRead), [`MailWrite`](crate::MailWrite) and [`MailSend`](crate::MailSend) on EWS.

mod batch;
mod draft;
mod mime;
mod once;
mod read;
mod relocate;
mod reply;
mod send;
mod submit;
mod update;
mod write;
