//! Item shapes: which properties an answer shows, and how each is written.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;

use super::attachment::Detail;
use super::body::{BodyType, without_scripts, write_body};
use super::fields::{self, Field, Kind, Level, Part, Source};
use super::ids::{self, Id};
use super::item::{Address, Body, Item, ItemKind, RESPONSES, Recipient, Role};
use super::mapi::extended_value;
use super::path::{Extended, Path};
use super::property::Value;
use super::refusal::Refusal;
use super::request::Element as _;
use super::store::{CalendarRights, Mailbox, item_key};
use super::version::SimulatedVersion;
use super::xml::Writer;
use super::zone::{Zone, write_time};
use super::zone_rules::write_meeting_zone;
use super::{compose, conversation, flag, quote};

/// `ItemShape` of a request.
#[derive(Debug, PartialEq)]
pub(super) struct Shape {
    base: Base,
    /// Whether the MIME content is shown.
    mime: bool,
    /// Single headers that were asked for.
    headers: Vec<String>,
    /// Whether the item is new: its attachments are shown by their ids.
    created: bool,
    /// Whether the item is within another one and has no id of its own.
    nested: bool,
    body: BodyType,
    /// HTML is shown without scripts.
    filtered: bool,
    fields: Vec<String>,
    extended: Vec<Extended>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    IdOnly,
    Default,
    All,
}

/// What else decides how an item is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    pub(super) mailbox: &'a Mailbox,
    /// What the caller may do, and whether they see private items.
    pub(super) access: (CalendarRights, bool),
    pub(super) zone: Option<&'a Zone>,
    pub(super) version: SimulatedVersion,
    /// Whether it is a listing, which has no bodies and no lists of people.
    pub(super) listing: bool,
}

impl View<'_> {
    /// Whether an address is in the mailbox's own organisation. 2007 knows no strangers.
    fn mailbox_type(&self, address: &Address) -> &'static str {
        let domain = |email: &str| email.rsplit('@').next().map(str::to_ascii_lowercase);
        let own = domain(&address.email) == domain(&self.mailbox.address.email);
        if own || self.version < SimulatedVersion::Exchange2010 {
            "Mailbox"
        } else {
            "OneOff"
        }
    }
}

const HEADERS: &str = "item:InternetMessageHeaders";

impl Shape {
    /// The shape of answers to writes: the id alone.
    pub(super) fn id_only() -> Self {
        Self {
            base: Base::IdOnly,
            mime: false,
            headers: Vec::new(),
            created: false,
            nested: false,
            body: BodyType::Best,
            filtered: false,
            fields: Vec::new(),
            extended: Vec::new(),
        }
    }

    /// The shape of new items: the id, and those of the attachments.
    pub(super) fn created() -> Self {
        Self {
            created: true,
            ..Self::id_only()
        }
    }

    /// The shape of items within items, with what an `AttachmentShape` asks for.
    pub(super) fn nested(node: Option<Node<'_, '_>>) -> Result<Self, Refusal> {
        Ok(Self {
            base: Base::All,
            nested: true,
            ..Self::read(node)?
        })
    }

    /// Everything.
    pub(super) fn all() -> Self {
        Self {
            base: Base::All,
            ..Self::id_only()
        }
    }

    /// Reads an `ItemShape` element.
    pub(super) fn read(node: Option<Node<'_, '_>>) -> Result<Self, Refusal> {
        let mut shape = Self::id_only();
        let Some(node) = node else { return Ok(shape) };
        shape.base = match node.text_of("BaseShape") {
            Some("IdOnly") => Base::IdOnly,
            Some("AllProperties") => Base::All,
            _ => Base::Default,
        };
        shape.filtered = node.text_of("FilterHtmlContent") == Some("true");
        shape.body = match node.text_of("BodyType") {
            Some("HTML") => BodyType::Html,
            Some("Text") => BodyType::Text,
            _ => BodyType::Best,
        };
        shape.mime = matches!(node.text_of("IncludeMimeContent"), Some("true" | "1"));
        for path in node
            .child("AdditionalProperties")
            .iter()
            .flat_map(|paths| paths.elements())
        {
            match Path::read(path)? {
                Path::Field(uri) if uri == "item:MimeContent" => shape.mime = true,
                Path::Indexed(uri, name) if uri == "item:InternetMessageHeader" => {
                    shape.headers.push(name);
                }
                Path::Field(uri) | Path::Indexed(uri, _) => shape.fields.push(uri),
                Path::Extended(extended) => shape.extended.push(extended),
            }
        }
        Ok(shape)
    }

    /// Reads the `ItemShape` of a listing, which gives no MIME.
    pub(super) fn listing(node: Option<Node<'_, '_>>) -> Result<Self, Refusal> {
        let shape = Self::read(node)?;
        if shape.mime {
            return Err(Refusal::of_field(
                "ErrorInvalidPropertyRequest",
                "The property can only be read with GetItem.",
                &Path::Field("item:MimeContent".to_owned()).markup(),
            ));
        }
        Ok(shape)
    }

    fn has(&self, field: &Field, view: &View<'_>) -> bool {
        if field.since > view.version || (view.listing && !field.level.in_listings()) {
            return false;
        }
        // Exchange 2010 replaced the one zone by two.
        if field.uri == "calendar:MeetingTimeZone" && view.version >= SimulatedVersion::Exchange2010
        {
            return false;
        }
        if self.nested && matches!(field.uri, "item:ItemId" | "item:ParentFolderId") {
            return false;
        }
        field.uri == "item:ItemId"
            || (self.created && field.uri == "item:Attachments")
            || (!self.headers.is_empty() && field.uri == "item:InternetMessageHeaders")
            || self.fields.iter().any(|uri| uri == field.uri)
            || match field.level {
                Level::Default | Level::DefaultGet => self.base != Base::IdOnly,
                Level::All | Level::AllGet => self.base == Base::All,
                Level::Asked => false,
            }
    }

    /// Writes an item.
    pub(super) fn write(&self, writer: &mut Writer, item: &Item, view: &View<'_>) {
        let element = format!("t:{}", item.kind.element());
        writer.element(&element, &[], |writer| {
            if self.mime
                && !view.listing
                && let Some(mime) = compose::mime(item, true)
            {
                let packed = STANDARD.encode(mime);
                writer.leaf_with("t:MimeContent", &[("CharacterSet", "UTF-8")], &packed);
            }
            for field in fields::of(item.kind) {
                // Extended properties have their place among the others.
                if field.uri == "item:Culture" {
                    for extended in &self.extended {
                        if let Some(value) = extended_value(item, &extended.property) {
                            extended.write(writer, &value, view.zone);
                        }
                    }
                }
                if self.has(field, view) {
                    self.write_field(writer, field, item, view);
                }
            }
        });
    }

    fn write_headers(&self, writer: &mut Writer, name: &str, item: &Item) {
        let all = self.base == Base::All || self.fields.iter().any(|uri| uri == HEADERS);
        let asked = |name: &str| {
            all || self
                .headers
                .iter()
                .any(|one| one.eq_ignore_ascii_case(name))
        };
        let mut headers = compose::headers(item);
        headers.retain(|(name, _)| asked(name));
        if headers.is_empty() {
            return;
        }
        writer.element(name, &[], |writer| {
            for (name, value) in &headers {
                writer.leaf_with("t:InternetMessageHeader", &[("HeaderName", name)], value);
            }
        });
    }

    fn write_field(&self, writer: &mut Writer, field: &Field, item: &Item, view: &View<'_>) {
        let name = format!("t:{}", field.element);
        match field.source {
            Source::Part(part) if matches!(field.kind, Kind::Structure) => {
                self.write_part(writer, &name, part, item, view);
            }
            _ => match field.value(item) {
                Some(Value::Many(values)) => writer.element(&name, &[], |writer| {
                    for value in &values {
                        writer.leaf("t:String", &super::path::text(value, view.zone));
                    }
                }),
                Some(value) => {
                    let text = field.text(&value, view.zone);
                    let text = match field.kind {
                        Kind::Choice(_) => known_status(&text, view.version),
                        _ => &text,
                    };
                    writer.leaf(&name, text);
                }
                None => {}
            },
        }
    }

    fn write_part(
        &self,
        writer: &mut Writer,
        name: &str,
        part: Part,
        item: &Item,
        view: &View<'_>,
    ) {
        let id = |writer: &mut Writer, name: &str, item: &Item| {
            let (id, key) = (view.mailbox.item_id(item), item_key(item));
            writer.empty(name, &[("Id", id.as_str()), ("ChangeKey", key.as_str())]);
        };
        let occurrence = |writer: &mut Writer, name: &str, original| {
            let occurrence = item.occurrence_at(original);
            writer.element(name, &[], |writer| {
                id(writer, "t:ItemId", &occurrence);
                writer.leaf("t:Start", &write_time(occurrence.start(), view.zone));
                writer.leaf("t:End", &write_time(occurrence.end(), view.zone));
                writer.leaf("t:OriginalStart", &write_time(original, view.zone));
            });
        };
        match part {
            Part::ItemId => id(writer, name, item),
            Part::ParentFolderId => {
                let folder = view.mailbox.folder_id(item.folder);
                writer.empty(name, &[("Id", folder.as_str()), ("ChangeKey", "AQAAAA==")]);
            }
            Part::Body if self.filtered && item.body.html => {
                let body = Body {
                    html: true,
                    text: without_scripts(&item.body.text),
                };
                write_body(writer, name, &body, self.body);
            }
            Part::Body => write_body(writer, name, &item.body, self.body),
            Part::Attachments => {
                let detail = if self.created {
                    Detail::Id
                } else {
                    Detail::Listed
                };
                let id = view.mailbox.id_of(item);
                if !item.attachments.is_empty() {
                    writer.element(name, &[], |writer| {
                        for attachment in &item.attachments {
                            attachment.write(writer, id, view, detail);
                        }
                    });
                }
            }
            Part::TextBody => write_body(writer, name, &item.body, BodyType::Text),
            Part::ResponseObjects => {
                writer.element(name, &[], |writer| {
                    for object in response_objects(item) {
                        writer.empty(object, &[]);
                    }
                });
            }
            Part::EffectiveRights => write_rights(writer, view.access, false, view.version),
            Part::Flag => flag::write(writer, name, item, view.zone),
            Part::Headers => {
                if item.kind == ItemKind::Message && !item.unsent {
                    self.write_headers(writer, name, item);
                }
            }
            Part::ConversationId => {
                if let Some(conversation) = conversation::id(item) {
                    let id = ids::of_conversation(view.mailbox.guid, conversation);
                    writer.empty(name, &[("Id", id.as_str())]);
                }
            }
            Part::UniqueBody => write_body(writer, name, &quote::unique(&item.body), self.body),
            Part::ReceivedBy => {
                if item.kind != ItemKind::CalendarItem && !item.unsent && !item.from_me {
                    let owner = &view.mailbox.address;
                    writer.element(name, &[], |writer| {
                        write_mailbox(writer, owner, Some("Mailbox"));
                    });
                }
            }
            Part::Recipients(role) => write_recipients(writer, name, item, role, view),
            Part::Organizer | Part::Sender | Part::Representing => {
                let address = match part {
                    Part::Sender => item.sender.as_ref().or(item.organizer.as_ref()),
                    Part::Representing => item.representing.as_ref(),
                    _ => item.organizer.as_ref(),
                };
                if let Some(address) = address {
                    let kind = (!view.listing).then(|| view.mailbox_type(address));
                    writer.element(name, &[], |writer| write_mailbox(writer, address, kind));
                }
            }
            Part::Recurrence => {
                if let Some(recurrence) = &item.recurrence {
                    let suffix = view.zone.map_or_else(
                        || "Z".to_owned(),
                        |zone| {
                            let text = write_time(item.start(), Some(zone));
                            text.get(19..).unwrap_or("Z").to_owned()
                        },
                    );
                    let first_day = view.version >= SimulatedVersion::Exchange2010Sp1;
                    recurrence.write(writer, &suffix, first_day);
                }
            }
            Part::FirstOccurrence | Part::LastOccurrence => {
                if item.recurrence.is_some() {
                    let (first, last) = item.first_and_last();
                    let wanted = if part == Part::FirstOccurrence {
                        first
                    } else {
                        last
                    };
                    if let Some(original) = wanted {
                        occurrence(writer, name, original);
                    }
                }
            }
            Part::ModifiedOccurrences => {
                if !item.exceptions.is_empty() {
                    writer.element(name, &[], |writer| {
                        for original in item.exceptions.keys() {
                            occurrence(writer, "t:Occurrence", *original);
                        }
                    });
                }
            }
            Part::DeletedOccurrences => {
                if !item.deleted.is_empty() {
                    writer.element(name, &[], |writer| {
                        for start in &item.deleted {
                            writer.element("t:DeletedOccurrence", &[], |writer| {
                                writer.leaf("t:Start", &write_time(*start, view.zone));
                            });
                        }
                    });
                }
            }
            Part::MeetingTimeZone => {
                if let Some(zone) = &item.start_zone {
                    let year = chrono::Datelike::year(&item.start());
                    write_meeting_zone(zone, writer, year);
                }
            }
            Part::StartTimeZone => {
                if let Some(zone) = &item.start_zone {
                    zone.write(writer, name, item.recurrence.is_some());
                }
            }
            Part::EndTimeZone => {
                if let Some(zone) = &item.end_zone {
                    zone.write(writer, name, item.recurrence.is_some());
                }
            }
            Part::AssociatedCalendarItemId => {
                if let Some(associated) = item.associated {
                    write_associated(writer, name, associated, view);
                }
            }
            Part::Uid => {}
        }
    }
}

/// The calendar item that a message is about, if it is still there. In somebody else's mailbox,
/// which only delegates' messages point to, its state is not looked up.
fn write_associated(writer: &mut Writer, name: &str, associated: Id, view: &View<'_>) {
    let id = associated.encode();
    if associated.mailbox() != view.mailbox.guid {
        writer.empty(name, &[("Id", id.as_str())]);
        return;
    }
    let found = match associated {
        Id::Folder { .. } => None,
        Id::Item { number, .. } => view.mailbox.items.get(&number).map(item_key),
        Id::Occurrence { number, start, .. } => {
            let series = view.mailbox.items.get(&number);
            let living = series.filter(|series| !series.deleted.contains(&start));
            living.map(|series| item_key(&series.occurrence_at(start)))
        }
    };
    if let Some(key) = found {
        writer.empty(name, &[("Id", id.as_str()), ("ChangeKey", key.as_str())]);
    }
}

/// Exchange 2013 brought a new free/busy status; older clients see such time as free.
fn known_status(text: &str, version: SimulatedVersion) -> &str {
    if text == "WorkingElsewhere" && version < SimulatedVersion::Exchange2013 {
        "Free"
    } else {
        text
    }
}

fn response_objects(item: &Item) -> Vec<&'static str> {
    match item.kind {
        ItemKind::Message => vec!["t:ReplyToItem", "t:ReplyAllToItem", "t:ForwardItem"],
        ItemKind::CalendarItem if item.is_cancelled() => vec!["t:RemoveItem"],
        ItemKind::CalendarItem if !item.is_meeting() => vec!["t:ForwardItem"],
        ItemKind::CalendarItem if item.is_organizer() => {
            vec!["t:CancelCalendarItem", "t:ForwardItem"]
        }
        ItemKind::CalendarItem | ItemKind::MeetingRequest => vec![
            "t:AcceptItem",
            "t:TentativelyAcceptItem",
            "t:DeclineItem",
            "t:ReplyToItem",
            "t:ReplyAllToItem",
            "t:ForwardItem",
        ],
        ItemKind::MeetingCancellation => vec!["t:RemoveItem", "t:ForwardItem"],
        ItemKind::MeetingNotification => vec!["t:ReplyToItem", "t:ForwardItem"],
        ItemKind::MeetingResponse => vec!["t:ReplyToItem", "t:ReplyAllToItem", "t:ForwardItem"],
    }
}

/// `t:EffectiveRights`, of an item or a folder.
pub(super) fn write_rights(
    writer: &mut Writer,
    (rights, private): (CalendarRights, bool),
    folder: bool,
    version: SimulatedVersion,
) {
    let editor = rights >= CalendarRights::Editor;
    writer.element("t:EffectiveRights", &[], |writer| {
        for (name, right) in [
            ("t:CreateAssociated", folder && editor),
            ("t:CreateContents", folder && editor),
            ("t:CreateHierarchy", folder && editor),
            ("t:Delete", editor),
            ("t:Modify", editor),
            ("t:Read", rights >= CalendarRights::Reviewer),
        ] {
            writer.leaf(name, &right.to_string());
        }
        if version >= SimulatedVersion::Exchange2010 {
            writer.leaf("t:ViewPrivateItems", &private.to_string());
        }
    });
}

/// `t:Mailbox` of a person; listings say nothing about its type.
pub(super) fn write_mailbox(writer: &mut Writer, address: &Address, kind: Option<&str>) {
    writer.element("t:Mailbox", &[], |writer| {
        writer.leaf("t:Name", &address.name);
        writer.leaf("t:EmailAddress", &address.email);
        writer.leaf("t:RoutingType", address.routing());
        if let Some(kind) = kind {
            writer.leaf("t:MailboxType", kind);
        }
    });
}

fn write_recipients(writer: &mut Writer, name: &str, item: &Item, role: Role, view: &View<'_>) {
    let found: Vec<&Recipient> = item.recipients_in(role).collect();
    if found.is_empty() {
        return;
    }
    let attendees = matches!(role, Role::Required | Role::Optional | Role::Resource);
    writer.element(name, &[], |writer| {
        for one in found {
            let kind = Some(view.mailbox_type(&one.address));
            if !attendees {
                write_mailbox(writer, &one.address, kind);
                continue;
            }
            writer.element("t:Attendee", &[], |writer| {
                write_mailbox(writer, &one.address, kind);
                let response = RESPONSES
                    .iter()
                    .find(|(_, number)| *number == one.response)
                    .map_or("Unknown", |(name, _)| name);
                writer.leaf("t:ResponseType", response);
                if let Some(replied) = one.replied {
                    writer.leaf("t:LastResponseTime", &write_time(replied, view.zone));
                }
                if let Some((start, end)) = one.proposed
                    && view.version >= SimulatedVersion::Exchange2013Sp1
                {
                    writer.leaf("t:ProposedStart", &write_time(start, view.zone));
                    writer.leaf("t:ProposedEnd", &write_time(end, view.zone));
                }
            });
        }
    });
}
