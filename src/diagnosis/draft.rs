use super::Verdict;
use crate::{
    connector::Mailbox,
    error::Error,
    model::{Body, DeleteMode, DraftOptions, NewMessage},
};

/// Whether a draft can be made in this mailbox and deleted again. It has no recipients.
pub(crate) async fn check_draft(mailbox: &dyn Mailbox) -> Verdict {
    let message = NewMessage::new(
        "Test of a connection",
        Body::text("A program made this draft to see whether it can, and deletes it at once."),
    );
    let made = match mailbox.create_draft(message, DraftOptions::new()).await {
        Ok(made) => made,
        Err(error) => return Verdict::of_error(&error),
    };
    let ids = [made.id];
    let deleted = mailbox.delete_messages(&ids, DeleteMode::Permanent).await;
    let deleted =
        deleted.and_then(|answers| answers.into_iter().collect::<Result<Vec<()>, Error>>());
    match deleted {
        Ok(_) => Verdict::ok("a draft was made and deleted; nothing was sent"),
        Err(error) => Verdict::warning(
            format!("a draft was made, but could not be deleted: {error}"),
            "Delete the draft \"Test of a connection\" by hand.",
        ),
    }
}
