//! Finding people and rooms, the same for every backend.

use async_trait::async_trait;

use crate::{
    error::Result,
    model::{Person, Recipient},
};

/// Finding people and rooms of the organisation. Graph permissions: `User.ReadBasic.All`, `Place.Read.All`.
///
/// Errors common to all methods are those of [`CalendarRead`](crate::CalendarRead).
#[async_trait]
pub trait Directory: std::fmt::Debug + Send + Sync {
    /// Who may be meant by the beginning of a name or an address: nobody, one or several, 100 at most.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for an empty text, before any request.
    async fn resolve(&self, text: &str) -> Result<Vec<Person>>;

    /// The direct members of a group.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is no such group.
    async fn expand_group(&self, group: &Recipient) -> Result<Vec<Person>>;

    /// The lists of rooms that administrators keep, usually one for each building. EWS: Exchange 2010.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) without [`Feature::RoomLists`](crate::Feature::RoomLists).
    async fn room_lists(&self) -> Result<Vec<Person>>;

    /// The rooms in a list; with `None` those in all lists, each once. EWS: Exchange 2010.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is no such list;
    /// [`Unsupported`](crate::ErrorKind::Unsupported) without [`Feature::RoomLists`](crate::Feature::RoomLists).
    async fn rooms(&self, list: Option<&Recipient>) -> Result<Vec<Person>>;
}
