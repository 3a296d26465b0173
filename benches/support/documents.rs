//! Responses in the shape Exchange 2016 sends: one line, prefixes `t:` and `m:`, elements in the
//! order of Microsoft's schema. At most one category per item, because the `ews` crate 0.1.2
//! refuses two.

use super::random::{Person, Random, internet_date, utc};

const SEED: u64 = 2016;
/// `CalendarItem`s in the FindItem response.
pub(crate) const CALENDAR_ITEMS: usize = 1_000;
/// `Message`s, and so response messages, in the GetItem response.
pub(crate) const MESSAGES: usize = 100;
/// Changes in the SyncFolderItems response; 512 is the most that Exchange returns.
pub(crate) const CHANGES: usize = 512;
/// Ids in the GetItem request.
pub(crate) const REQUESTED_IDS: usize = 100;
/// Least length of one HTML body in bytes, before escaping.
const BODY_LENGTH: usize = 20_000;

const TIME_ZONES: [(&str, &str); 4] = [
    (
        "W. Europe Standard Time",
        "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
    ),
    (
        "Romance Standard Time",
        "(UTC+01:00) Brussels, Copenhagen, Madrid, Paris",
    ),
    (
        "GMT Standard Time",
        "(UTC+00:00) Dublin, Edinburgh, Lisbon, London",
    ),
    ("UTC", "(UTC) Coordinated Universal Time"),
];
const SENSITIVITIES: [&str; 4] = ["Normal", "Normal", "Private", "Confidential"];
const FREE_BUSY: [&str; 5] = ["Busy", "Busy", "Tentative", "OOF", "Free"];
const RESPONSES: [&str; 4] = ["Accept", "Tentative", "NoResponseReceived", "Organizer"];
const CATEGORIES: [&str; 3] = ["Red Category", "Blue Category", "Customer"];

/// FindItem: [`CALENDAR_ITEMS`] calendar items with 55 values each (texts and attributes), and
/// a category in every fourth.
pub(crate) fn find_item_calendar() -> String {
    let mut random = Random::new(SEED);
    let mailbox = Mailbox::new(&mut random);
    envelope("FindItem", |xml| {
        xml.push_str(r#"<m:FindItemResponseMessage ResponseClass="Success">"#);
        leaf(xml, "m:ResponseCode", "NoError");
        xml.push_str(&format!(
            r#"<m:RootFolder TotalItemsInView="{CALENDAR_ITEMS}" IncludesLastItemInRange="true"><t:Items>"#
        ));
        for _ in 0..CALENDAR_ITEMS {
            calendar_item(xml, &mailbox, &mut random);
        }
        xml.push_str("</t:Items></m:RootFolder></m:FindItemResponseMessage>");
    })
}

/// GetItem: [`MESSAGES`] messages with HTML bodies of about 20 kB, internet headers, recipients.
pub(crate) fn get_item_messages() -> String {
    let mut random = Random::new(SEED + 1);
    let mailbox = Mailbox::new(&mut random);
    envelope("GetItem", |xml| {
        for _ in 0..MESSAGES {
            xml.push_str(r#"<m:GetItemResponseMessage ResponseClass="Success">"#);
            leaf(xml, "m:ResponseCode", "NoError");
            xml.push_str("<m:Items>");
            full_message(xml, &mailbox, &mut random);
            xml.push_str("</m:Items></m:GetItemResponseMessage>");
        }
    })
}

/// SyncFolderItems: [`CHANGES`] changes, half of them new messages.
pub(crate) fn sync_folder_items() -> String {
    let mut random = Random::new(SEED + 2);
    let mailbox = Mailbox::new(&mut random);
    envelope("SyncFolderItems", |xml| {
        xml.push_str(r#"<m:SyncFolderItemsResponseMessage ResponseClass="Success">"#);
        leaf(xml, "m:ResponseCode", "NoError");
        leaf(xml, "m:SyncState", &random.base64(2_000));
        leaf(xml, "m:IncludesLastItemInRange", "false");
        xml.push_str("<m:Changes>");
        for _ in 0..CHANGES {
            change(xml, &mailbox, &mut random);
        }
        xml.push_str("</m:Changes></m:SyncFolderItemsResponseMessage>");
    })
}

/// Id and change key of [`REQUESTED_IDS`] items, for the GetItem request.
pub(crate) fn item_ids() -> Vec<(String, String)> {
    let mut random = Random::new(SEED + 3);
    let mailbox = Mailbox::new(&mut random);
    (0..REQUESTED_IDS)
        .map(|_| {
            (
                mailbox.item_id(&mut random),
                mailbox.change_key(&mut random),
            )
        })
        .collect()
}

/// What all ids of one mailbox have in common.
struct Mailbox {
    owner: Person,
    store: String,
    folder: String,
}

impl Mailbox {
    fn new(random: &mut Random) -> Self {
        let owner = random.person();
        let store = format!("AAMkA{}", random.base64(91));
        let folder = format!("{store}{}AAA", random.base64(21));
        Self {
            owner,
            store,
            folder,
        }
    }

    fn item_id(&self, random: &mut Random) -> String {
        format!("{}{}AAAA", self.store, random.base64(52))
    }

    fn change_key(&self, random: &mut Random) -> String {
        format!("DwAAABYAAAD{}", random.base64(29))
    }

    /// `ItemId` and `ParentFolderId`.
    fn write_ids(&self, xml: &mut String, random: &mut Random) {
        self.write_item_id(xml, random);
        xml.push_str(&format!(
            r#"<t:ParentFolderId Id="{}" ChangeKey="AQAAAA=="/>"#,
            self.folder
        ));
    }

    fn write_item_id(&self, xml: &mut String, random: &mut Random) {
        xml.push_str(&format!(
            r#"<t:ItemId Id="{}" ChangeKey="{}"/>"#,
            self.item_id(random),
            self.change_key(random)
        ));
    }
}

fn calendar_item(xml: &mut String, mailbox: &Mailbox, random: &mut Random) {
    let created = random.moment();
    let start = random.moment() / 1800 * 1800;
    let minutes = random.pick(&[30, 45, 60, 90]);
    let meeting = random.percent(70);
    let (zone, zone_name) = random.pick(&TIME_ZONES);
    let organizer = random.person();

    xml.push_str("<t:CalendarItem>");
    mailbox.write_ids(xml, random);
    leaf(xml, "t:ItemClass", "IPM.Appointment");
    leaf(xml, "t:Subject", &random.words(2, 7));
    leaf(xml, "t:Sensitivity", random.pick(&SENSITIVITIES));
    leaf(xml, "t:DateTimeReceived", &utc(created));
    leaf(xml, "t:Size", &random.between(2_000, 60_000).to_string());
    category(xml, random);
    leaf(xml, "t:Importance", "Normal");
    flags(xml);
    sent_and_created(xml, created);
    leaf(xml, "t:ReminderDueBy", &utc(start));
    leaf(xml, "t:ReminderIsSet", truth(random.percent(60)));
    leaf(xml, "t:ReminderMinutesBeforeStart", "15");
    leaf(xml, "t:HasAttachments", truth(random.percent(10)));
    rights_and_modification(xml, &mailbox.owner, created + 86_400);
    leaf(
        xml,
        "t:UID",
        &format!("040000008200E00074C5B7101A82E008{}", random.hexadecimal(80)),
    );
    leaf(xml, "t:Start", &utc(start));
    leaf(xml, "t:End", &utc(start + minutes * 60));
    leaf(xml, "t:IsAllDayEvent", "false");
    leaf(xml, "t:LegacyFreeBusyStatus", random.pick(&FREE_BUSY));
    leaf(xml, "t:Location", &random.words(0, 3));
    leaf(xml, "t:IsMeeting", truth(meeting));
    leaf(xml, "t:IsCancelled", "false");
    leaf(xml, "t:IsRecurring", "false");
    leaf(xml, "t:MeetingRequestWasSent", truth(meeting));
    leaf(xml, "t:IsResponseRequested", truth(meeting));
    leaf(
        xml,
        "t:CalendarItemType",
        random.pick(&["Single", "Single", "Occurrence"]),
    );
    leaf(xml, "t:MyResponseType", random.pick(&RESPONSES));
    xml.push_str("<t:Organizer><t:Mailbox>");
    address(xml, &organizer);
    xml.push_str("</t:Mailbox></t:Organizer>");
    leaf(
        xml,
        "t:ConflictingMeetingCount",
        &random.below(3).to_string(),
    );
    leaf(xml, "t:Duration", &format!("PT{minutes}M"));
    leaf(xml, "t:TimeZone", zone_name);
    leaf(xml, "t:AppointmentSequenceNumber", "0");
    xml.push_str(&format!(
        r#"<t:StartTimeZone Id="{zone}" Name="{zone_name}"/>"#
    ));
    xml.push_str(&format!(
        r#"<t:EndTimeZone Id="{zone}" Name="{zone_name}"/>"#
    ));
    xml.push_str("</t:CalendarItem>");
}

fn full_message(xml: &mut String, mailbox: &Mailbox, random: &mut Random) {
    let received = random.moment();
    let (sender, subject) = (random.person(), random.words(2, 9));
    let recipients: Vec<Person> = (0..random.between(1, 12))
        .map(|_| random.person())
        .collect();
    let display: Vec<&str> = recipients
        .iter()
        .map(|person| person.name.as_str())
        .collect();

    xml.push_str("<t:Message>");
    mailbox.write_ids(xml, random);
    leaf(xml, "t:ItemClass", "IPM.Note");
    leaf(xml, "t:Subject", &subject);
    leaf(xml, "t:Sensitivity", "Normal");
    xml.push_str(r#"<t:Body BodyType="HTML" IsTruncated="false">"#);
    escape_into(xml, &html(random));
    xml.push_str("</t:Body>");
    let attached = random.percent(30);
    if attached {
        attachment(xml, mailbox, received, random);
    }
    leaf(xml, "t:DateTimeReceived", &utc(received));
    leaf(xml, "t:Size", &random.between(22_000, 90_000).to_string());
    category(xml, random);
    leaf(
        xml,
        "t:Importance",
        random.pick(&["Normal", "Normal", "High", "Low"]),
    );
    leaf(xml, "t:InReplyTo", &message_id(random));
    flags(xml);
    internet_headers(xml, &sender, &subject, received, random);
    sent_and_created(xml, received);
    leaf(xml, "t:ReminderIsSet", "false");
    leaf(xml, "t:ReminderMinutesBeforeStart", "0");
    xml.push_str("<t:DisplayCc/>");
    leaf(xml, "t:DisplayTo", &display.join("; "));
    leaf(xml, "t:HasAttachments", truth(attached));
    rights_and_modification(xml, &mailbox.owner, received + 3_600);
    xml.push_str(&format!(
        r#"<t:ConversationId Id="AAQkA{}"/>"#,
        random.base64(79)
    ));
    recipient(xml, "t:Sender", &sender);
    xml.push_str("<t:ToRecipients>");
    recipients
        .iter()
        .for_each(|person| mailbox_element(xml, person));
    xml.push_str("</t:ToRecipients>");
    leaf(xml, "t:IsReadReceiptRequested", "false");
    leaf(xml, "t:IsDeliveryReceiptRequested", "false");
    leaf(xml, "t:ConversationIndex", &random.base64(32));
    leaf(xml, "t:ConversationTopic", &subject);
    recipient(xml, "t:From", &sender);
    leaf(xml, "t:InternetMessageId", &message_id(random));
    leaf(xml, "t:IsRead", truth(random.percent(70)));
    recipient(xml, "t:ReceivedBy", &mailbox.owner);
    recipient(xml, "t:ReceivedRepresenting", &mailbox.owner);
    xml.push_str("</t:Message>");
}

fn change(xml: &mut String, mailbox: &Mailbox, random: &mut Random) {
    let kind = match random.below(100) {
        0..50 => "t:Create",
        50..75 => "t:Update",
        75..85 => "t:Delete",
        _ => "t:ReadFlagChange",
    };
    xml.push_str(&format!("<{kind}>"));
    match kind {
        "t:Delete" => mailbox.write_item_id(xml, random),
        "t:ReadFlagChange" => {
            mailbox.write_item_id(xml, random);
            leaf(xml, "t:IsRead", truth(random.percent(50)));
        }
        _ => changed_message(xml, mailbox, random),
    }
    xml.push_str(&format!("</{kind}>"));
}

fn changed_message(xml: &mut String, mailbox: &Mailbox, random: &mut Random) {
    let sent = random.moment();
    let sender = random.person();
    xml.push_str("<t:Message>");
    mailbox.write_ids(xml, random);
    leaf(xml, "t:ItemClass", "IPM.Note");
    leaf(xml, "t:Subject", &random.words(2, 9));
    leaf(xml, "t:Sensitivity", "Normal");
    leaf(xml, "t:DateTimeReceived", &utc(sent + 2));
    leaf(xml, "t:Size", &random.between(2_000, 90_000).to_string());
    category(xml, random);
    leaf(xml, "t:Importance", "Normal");
    leaf(xml, "t:DateTimeSent", &utc(sent));
    leaf(xml, "t:DateTimeCreated", &utc(sent + 1));
    leaf(xml, "t:HasAttachments", truth(random.percent(20)));
    recipient(xml, "t:Sender", &sender);
    leaf(xml, "t:IsReadReceiptRequested", "false");
    recipient(xml, "t:From", &sender);
    leaf(xml, "t:InternetMessageId", &message_id(random));
    leaf(xml, "t:IsRead", truth(random.percent(50)));
    xml.push_str("</t:Message>");
}

fn category(xml: &mut String, random: &mut Random) {
    if random.percent(25) {
        xml.push_str("<t:Categories>");
        leaf(xml, "t:String", random.pick(&CATEGORIES));
        xml.push_str("</t:Categories>");
    }
}

fn flags(xml: &mut String) {
    for flag in [
        "t:IsSubmitted",
        "t:IsDraft",
        "t:IsFromMe",
        "t:IsResend",
        "t:IsUnmodified",
    ] {
        leaf(xml, flag, "false");
    }
}

fn sent_and_created(xml: &mut String, moment: i64) {
    leaf(xml, "t:DateTimeSent", &utc(moment));
    leaf(xml, "t:DateTimeCreated", &utc(moment));
}

fn rights_and_modification(xml: &mut String, modifier: &Person, modified: i64) {
    leaf(xml, "t:Culture", "en-US");
    xml.push_str("<t:EffectiveRights>");
    for (right, granted) in [
        ("t:CreateAssociated", false),
        ("t:CreateContents", false),
        ("t:CreateHierarchy", false),
        ("t:Delete", true),
        ("t:Modify", true),
        ("t:Read", true),
        ("t:ViewPrivateItems", true),
    ] {
        leaf(xml, right, truth(granted));
    }
    xml.push_str("</t:EffectiveRights>");
    leaf(xml, "t:LastModifiedName", &modifier.name);
    leaf(xml, "t:LastModifiedTime", &utc(modified));
}

fn recipient(xml: &mut String, element: &str, person: &Person) {
    xml.push_str(&format!("<{element}>"));
    mailbox_element(xml, person);
    xml.push_str(&format!("</{element}>"));
}

fn mailbox_element(xml: &mut String, person: &Person) {
    xml.push_str("<t:Mailbox>");
    address(xml, person);
    leaf(xml, "t:MailboxType", "Mailbox");
    xml.push_str("</t:Mailbox>");
}

fn address(xml: &mut String, person: &Person) {
    leaf(xml, "t:Name", &person.name);
    leaf(xml, "t:EmailAddress", &person.address);
    leaf(xml, "t:RoutingType", "SMTP");
}

/// Exchange sends the modification time of an attachment without an offset.
fn attachment(xml: &mut String, mailbox: &Mailbox, modified: i64, random: &mut Random) {
    xml.push_str("<t:Attachments><t:FileAttachment>");
    xml.push_str(&format!(
        r#"<t:AttachmentId Id="{}ARIAEA=="/>"#,
        mailbox.item_id(random)
    ));
    leaf(xml, "t:Name", &format!("{}.pdf", random.words(1, 3)));
    leaf(xml, "t:ContentType", "application/pdf");
    leaf(
        xml,
        "t:Size",
        &random.between(20_000, 2_000_000).to_string(),
    );
    leaf(
        xml,
        "t:LastModifiedTime",
        utc(modified).trim_end_matches('Z'),
    );
    leaf(xml, "t:IsInline", "false");
    leaf(xml, "t:IsContactPhoto", "false");
    xml.push_str("</t:FileAttachment></t:Attachments>");
}

fn internet_headers(
    xml: &mut String,
    sender: &Person,
    subject: &str,
    received: i64,
    random: &mut Random,
) {
    xml.push_str("<t:InternetMessageHeaders>");
    let mut header = |name: &str, value: &str| {
        xml.push_str(&format!(r#"<t:InternetMessageHeader HeaderName="{name}">"#));
        escape_into(xml, value);
        xml.push_str("</t:InternetMessageHeader>");
    };
    let hops = random.between(2, 5);
    for hop in 0..hops {
        let host = format!(
            "mbx{}.contoso.com (10.{}.{}.7)",
            hop + 1,
            random.below(250),
            random.below(250)
        );
        let value = format!(
            "from edge{hop}.contoso.com by {host} with Microsoft SMTP Server (version=TLS1_2, \
             cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.1.2507.6; {}",
            internet_date(received)
        );
        header("Received", &value);
    }
    header("From", &format!("{} <{}>", sender.name, sender.address));
    header("Subject", subject);
    header("Date", &internet_date(received));
    header("Message-ID", &message_id(random));
    header(
        "Content-Type",
        &format!(
            "multipart/alternative; boundary=\"_000_{}_\"",
            random.hexadecimal(40)
        ),
    );
    header("Accept-Language", "en-US");
    header("MIME-Version", "1.0");
    header("X-MS-Exchange-Organization-SCL", "-1");
    header("X-MS-Exchange-Organization-AuthAs", "Internal");
    xml.push_str("</t:InternetMessageHeaders>");
}

fn message_id(random: &mut Random) -> String {
    format!("<{}@mail.contoso.com>", random.hexadecimal(32))
}

/// A page as Outlook writes it: many short tags, quotes, entities, CR LF at the end of each line.
fn html(random: &mut Random) -> String {
    let mut page = String::from(
        "<html>\r\n<head>\r\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">\r\n\
         </head>\r\n<body lang=\"EN-US\" style=\"word-wrap:break-word\">\r\n<div class=\"WordSection1\">\r\n",
    );
    while page.len() < BODY_LENGTH {
        match random.below(10) {
            0 => page.push_str(&format!(
                "<a href=\"https://portal.contoso.com/view?id={}&amp;mode=read\">{}</a><br>\r\n",
                random.below(1_000_000),
                random.words(2, 5)
            )),
            1 | 2 => page.push_str(&format!(
                "<table border=\"0\">\r\n<tr><td>{}</td><td align=\"right\">{}&nbsp;€</td></tr>\r\n</table>\r\n",
                random.words(1, 3),
                random.below(100_000)
            )),
            _ => page.push_str(&format!(
                "<p class=\"MsoNormal\"><span style=\"font-size:11.0pt; font-family:&quot;Calibri&quot;,sans-serif\">\
                 {} &lt;{}&gt;</span></p>\r\n",
                random.words(8, 50),
                random.words(1, 1)
            )),
        }
    }
    page.push_str("</div>\r\n</body>\r\n</html>\r\n");
    page
}

fn envelope(operation: &str, response_messages: impl FnOnce(&mut String)) -> String {
    let mut xml = String::from(concat!(
        r#"<?xml version="1.0" encoding="utf-8"?>"#,
        r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>"#,
        r#"<h:ServerVersionInfo MajorVersion="15" MinorVersion="1" MajorBuildNumber="2507" MinorBuildNumber="6" "#,
        r#"Version="V2017_07_11" xmlns:h="http://schemas.microsoft.com/exchange/services/2006/types" "#,
        r#"xmlns="http://schemas.microsoft.com/exchange/services/2006/types" "#,
        r#"xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/>"#,
        r#"</s:Header><s:Body xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" "#,
        r#"xmlns:xsd="http://www.w3.org/2001/XMLSchema">"#,
    ));
    xml.push_str(&format!(
        "<m:{operation}Response xmlns:m=\"http://schemas.microsoft.com/exchange/services/2006/messages\" \
         xmlns:t=\"http://schemas.microsoft.com/exchange/services/2006/types\"><m:ResponseMessages>"
    ));
    response_messages(&mut xml);
    xml.push_str(&format!(
        "</m:ResponseMessages></m:{operation}Response></s:Body></s:Envelope>"
    ));
    xml
}

/// An element with text only. Exchange writes an empty one as one tag.
fn leaf(xml: &mut String, name: &str, text: &str) {
    if text.is_empty() {
        xml.push_str(&format!("<{name}/>"));
        return;
    }
    xml.push_str(&format!("<{name}>"));
    escape_into(xml, text);
    xml.push_str(&format!("</{name}>"));
}

/// The four references that Exchange writes in text.
fn escape_into(xml: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '&' => xml.push_str("&amp;"),
            '\r' => xml.push_str("&#xD;"),
            other => xml.push(other),
        }
    }
}

fn truth(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}
