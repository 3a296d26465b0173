//! [`MailRead`](crate::MailRead), [`MailWrite`](crate::MailWrite) and [`MailSend`](crate::MailSend) on EWS.

mod changes;
mod condition;
mod folders;
mod hierarchy;
mod known_folders;
mod list;
mod load;
mod read;
mod send;
mod timeline;
mod tree;
mod write;

pub(super) use known_folders::KnownFolders;
