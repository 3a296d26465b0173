//! [`MailRead`](crate::MailRead), [`MailWrite`](crate::MailWrite) and [`MailSend`](crate::MailSend) on EWS.

mod batch;
mod changes;
mod condition;
mod draft;
mod folders;
mod hierarchy;
mod known_folders;
mod list;
mod load;
mod mime;
mod once;
mod read;
mod relocate;
mod reply;
mod send;
mod submit;
mod tree;
mod update;
mod write;

pub(super) use known_folders::KnownFolders;
