use serde::Serialize;

use crate::xml::{Element, ListItem, Problem, ReadElement, Tag, WriteElement};

use super::record;

/// A domain of mail.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/domain>
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct SmtpDomain {
    /// As `contoso.com`.
    pub name: String,
    /// Whether those below it are meant too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_subdomains: Option<bool>,
}

impl ReadElement for SmtpDomain {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        Ok(Some(Self {
            name: node.attribute("Name")?.unwrap_or_default(),
            include_subdomains: node.attribute("IncludeSubdomains")?,
        }))
    }
}

impl WriteElement for SmtpDomain {
    fn write_element(&self, tag: Tag<'_>) {
        drop(
            tag.attribute("Name", &self.name)
                .attribute_if("IncludeSubdomains", self.include_subdomains.as_ref()),
        );
    }
}

impl ListItem for SmtpDomain {
    const TAG: &'static str = "t:Domain";
}

record! {
    /// What a server does about mail tips.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/mailtipsconfiguration>
    pub struct MailTipsServiceConfiguration {
        /// Whether it has any.
        mail_tips_enabled: bool = "MailTipsEnabled",
        /// How many recipients one request may ask about.
        max_recipients_per_get_mail_tips_request: i32 = "MaxRecipientsPerGetMailTipsRequest",
        /// Bytes a message may have.
        max_message_size: i32 = "MaxMessageSize",
        /// From how many recipients on to warn.
        large_audience_threshold: i32 = "LargeAudienceThreshold",
        /// Whether to say how many recipients are outside.
        show_external_recipient_count: bool = "ShowExternalRecipientCount",
        /// What is inside.
        internal_domains: Vec<SmtpDomain> = "InternalDomains",
        /// Whether there are tips about policies. Exchange 2013 and later.
        policy_tips_enabled: bool = "PolicyTipsEnabled" since Exchange2013,
        /// How many recipients are counted. Exchange 2013 and later.
        large_audience_cap: i32 = "LargeAudienceCap" since Exchange2013,
    }
}
