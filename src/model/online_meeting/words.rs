//! What people and programs write around addresses, in the languages that Outlook is used in most.
//!
//! All in small letters: texts are compared after [`folded`].

/// In small letters, without changing where each letter is.
pub(super) fn folded(text: &str) -> String {
    let fold = |letter: char| {
        let mut small = letter.to_lowercase();
        match (small.next(), small.next()) {
            (Some(small), None) if small.len_utf8() == letter.len_utf8() => small,
            _ if letter == '\u{a0}' => letter,
            _ => letter,
        }
    };
    text.chars().map(fold).collect()
}

/// Whether a text has one of these as a word.
pub(super) fn has_word(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| {
        text.match_indices(word).any(|(at, _)| {
            let edge = |letter: Option<char>| {
                // Languages without spaces have no edges of words.
                letter.is_none_or(|letter| !letter.is_alphanumeric())
                    || !word.is_ascii() && word.chars().all(|letter| letter > '\u{2e80}')
            };
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            let after = text
                .get(at + word.len()..)
                .and_then(|after| after.chars().next());
            edge(before) && edge(after)
        })
    })
}

/// Asks to join.
pub(super) const JOIN: &[&str] = &[
    "join",
    "beitreten",
    "teilnehmen",
    "teilnahme",
    "einwählen",
    "rejoindre",
    "rejoignez",
    "participer",
    "unirse",
    "únase",
    "unirte",
    "participar",
    "ingressar",
    "entrar",
    "partecipa",
    "partecipare",
    "deelnemen",
    "dołącz",
    "присоединиться",
    "подключиться",
    "anslut",
    "delta",
    "deltag",
    "liity",
    "katıl",
    "katılın",
    "připojit",
    "csatlakozás",
    "参加",
    "加入",
    "참가",
    "참여",
    "приєднатися",
];

/// Begins an invitation that a program wrote.
pub(super) const INVITATION: &[&str] = &[
    "microsoft teams meeting",
    "microsoft teams-besprechung",
    "réunion microsoft teams",
    "reunión de microsoft teams",
    "riunione di microsoft teams",
    "reunião do microsoft teams",
    "microsoft teams-vergadering",
    "microsoft teams need help?",
    "skype meeting",
    "zoom meeting",
    "zoom-meeting",
    "webex meeting",
    "google meet",
    "is inviting you to",
    "lädt sie zu",
    "vous invite à",
    "le está invitando a",
];

/// On links at which nobody meets.
pub(super) const ELSEWHERE: &[&str] = &[
    "test",
    "option",
    "options",
    "optionen",
    "opciones",
    "opzioni",
    "opções",
    "learn more",
    "more information",
    "weitere informationen",
    "weitere infos",
    "en savoir plus",
    "más información",
    "help",
    "hilfe",
    "aide",
    "ayuda",
    "download",
    "herunterladen",
    "télécharger",
    "recording",
    "aufzeichnung",
    "enregistrement",
    "grabación",
    "local numbers",
    "local number",
    "reset",
    "reset pin",
    "forgot",
];

/// Ends a text, before the name of who wrote it.
pub(super) const CLOSING: &[&str] = &[
    "best regards",
    "kind regards",
    "warm regards",
    "regards",
    "best wishes",
    "best",
    "many thanks",
    "thanks",
    "thank you",
    "cheers",
    "sincerely",
    "yours sincerely",
    "mit freundlichen grüßen",
    "mit freundlichen grüssen",
    "freundliche grüße",
    "freundliche grüsse",
    "viele grüße",
    "viele grüsse",
    "beste grüße",
    "liebe grüße",
    "schöne grüße",
    "herzliche grüße",
    "gruß",
    "grüße",
    "danke",
    "vielen dank",
    "mfg",
    "lg",
    "vg",
    "cordialement",
    "bien cordialement",
    "bien à vous",
    "merci",
    "saludos",
    "saludos cordiales",
    "un saludo",
    "atentamente",
    "gracias",
    "cordiali saluti",
    "distinti saluti",
    "grazie",
    "atenciosamente",
    "cumprimentos",
    "obrigado",
    "obrigada",
    "met vriendelijke groet",
    "groeten",
    "pozdrawiam",
    "z poważaniem",
    "с уважением",
    "med vänliga hälsningar",
    "vänliga hälsningar",
    "mvh",
    "med venlig hilsen",
    "med vennlig hilsen",
    "ystävällisin terveisin",
    "saygılarımla",
    "s pozdravem",
    "üdvözlettel",
    "よろしくお願いいたします",
    "以上",
];

/// Before a number or an address at which a person is reached.
pub(super) const CONTACT: &[&str] = &[
    "tel",
    "tel.",
    "telefon",
    "telephone",
    "téléphone",
    "tél",
    "tél.",
    "teléfono",
    "telefono",
    "telefone",
    "telefoon",
    "phone",
    "mobile",
    "mobil",
    "móvil",
    "cell",
    "handy",
    "fax",
    "office",
    "direct",
    "durchwahl",
    "t",
    "m",
    "p",
    "f",
    "e",
    "w",
    "e-mail",
    "email",
    "mail",
    "web",
    "www",
    "тел",
    "тел.",
    "電話",
    "电话",
    "전화",
];

/// Before the name of who wrote a message that is quoted.
pub(super) const FROM: &[&str] = &[
    "from",
    "von",
    "de",
    "da",
    "van",
    "od",
    "от",
    "från",
    "fra",
    "lähettäjä",
    "kimden",
    "expéditeur",
    "feladó",
    "від",
    "差出人",
    "发件人",
    "寄件者",
    "보낸 사람",
];

/// Before when it was sent.
pub(super) const SENT: &[&str] = &[
    "sent",
    "date",
    "gesendet",
    "datum",
    "envoyé",
    "enviado",
    "enviado el",
    "enviada",
    "enviada em",
    "fecha",
    "data",
    "inviato",
    "verzonden",
    "wysłano",
    "отправлено",
    "дата",
    "skickat",
    "sendt",
    "dato",
    "lähetetty",
    "päivämäärä",
    "gönderildi",
    "gönderilme",
    "tarih",
    "odesláno",
    "elküldve",
    "dátum",
    "надіслано",
    "送信日時",
    "日付",
    "发送时间",
    "日期",
    "寄件日期",
    "보낸 날짜",
];

/// Before when it takes place: what is quoted is the meeting itself.
pub(super) const WHEN: &[&str] = &[
    "when",
    "wann",
    "zeit",
    "quand",
    "cuándo",
    "quando",
    "wanneer",
    "kiedy",
    "когда",
    "när",
    "når",
    "hvornår",
    "milloin",
    "ne zaman",
    "kdy",
    "mikor",
    "коли",
    "日時",
    "时间",
    "時間",
    "언제",
    "where",
    "wo",
    "ort",
    "où",
];

/// In the line above a message that is quoted.
pub(super) const MESSAGE: &[&str] = &[
    "message",
    "nachricht",
    "mensaje",
    "messaggio",
    "mensagem",
    "bericht",
    "wiadomość",
    "сообщение",
    "meddelande",
    "meddelelse",
    "melding",
    "viesti",
    "zpráva",
    "üzenet",
    "ileti",
    "mail",
    "e-mail",
    "повідомлення",
    "メッセージ",
    "邮件",
    "郵件",
    "메시지",
];

/// At the end of the line above a message that is quoted.
pub(super) const WROTE: &[&str] = &[
    "wrote",
    "schrieb",
    "a écrit",
    "escribió",
    "ha scritto",
    "escreveu",
    "schreef",
    "napisał",
    "napisał(a)",
    "пишет",
    "написал",
    "skrev",
    "kirjoitti",
    "yazdı",
    "napsal",
    "写道",
    "寫道",
];

/// About taking part by telephone.
pub(super) const BY_PHONE: &[&str] = &[
    "dial",
    "dial in",
    "dial-in",
    "call in",
    "call-in",
    "call",
    "phone",
    "by phone",
    "audio",
    "one tap",
    "toll",
    "einwahl",
    "einwählen",
    "telefon",
    "telefonisch",
    "anrufen",
    "téléphone",
    "appeler",
    "composer",
    "teléfono",
    "llamar",
    "telefono",
    "chiama",
    "telefone",
    "ligar",
    "bellen",
    "telefonu",
    "телефону",
    "позвонить",
    "ring",
    "puhelin",
    "telefonla",
    "電話",
    "电话",
    "전화",
];

/// What the value after a label is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// What lets people in.
    Passcode,
    /// The number of the meeting.
    MeetingId,
    /// The number to type on a telephone.
    PhoneId,
}

/// Labels before values. The longest that fits counts.
pub(super) const LABELS: &[(Label, &[&str])] = &[
    (
        Label::Passcode,
        &[
            "passcode",
            "meeting passcode",
            "meeting password",
            "password",
            "kenncode",
            "meeting-kenncode",
            "kennwort",
            "besprechungskennwort",
            "passwort",
            "meeting-passwort",
            "code secret",
            "mot de passe",
            "código de acceso",
            "contraseña",
            "clave de acceso",
            "codice di accesso",
            "senha",
            "código de acesso",
            "wachtwoordcode",
            "wachtwoord",
            "toegangscode",
            "kod dostępu",
            "hasło",
            "пароль",
            "секретный код",
            "код доступа",
            "lösenord",
            "lösenordskod",
            "adgangskode",
            "passord",
            "tilgangskode",
            "tunnuskoodi",
            "salasana",
            "parola",
            "geçiş kodu",
            "şifre",
            "heslo",
            "jelszó",
            "パスコード",
            "パスワード",
            "会议密码",
            "密码",
            "密碼",
            "암호",
            "비밀번호",
        ],
    ),
    (
        Label::MeetingId,
        &[
            "meeting id",
            "meeting-id",
            "webinar id",
            "webinar-id",
            "meeting number",
            "meeting number (access code)",
            "meeting-kennnummer",
            "meeting-kennnummer (zugriffscode)",
            "besprechungs-id",
            "id de la réunion",
            "id de réunion",
            "numéro de la réunion",
            "id de la reunión",
            "id de reunión",
            "id riunione",
            "id da reunião",
            "id reunião",
            "vergadering-id",
            "vergaderings-id",
            "id spotkania",
            "идентификатор собрания",
            "идентификатор конференции",
            "mötes-id",
            "møde-id",
            "møte-id",
            "kokouksen tunnus",
            "toplantı kimliği",
            "id schůzky",
            "会議 id",
            "会議id",
            "会议 id",
            "会议id",
            "会议号",
            "會議 id",
            "모임 id",
            "회의 id",
        ],
    ),
    (
        Label::PhoneId,
        &[
            "phone conference id",
            "conference id",
            "telefonkonferenz-id",
            "konferenz-id",
            "id de conférence téléphonique",
            "id de conférence",
            "id de conferencia telefónica",
            "id de conferencia",
            "id conferenza telefonica",
            "id da conferência por telefone",
            "telefonische vergadering-id",
            "conferentie-id",
            "access code",
            "zugangscode",
            "zugriffscode",
            "participant code",
            "pin",
            "電話会議 id",
            "电话会议 id",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_moves_nothing() {
        let text = "ÄÖ Ünï İstanbul ПАРОЛЬ ẞ";
        assert_eq!(folded(text).len(), text.len());
        assert_eq!(folded("Пароль"), "пароль");
    }

    #[test]
    fn words_have_edges() {
        assert!(has_word("please join us", JOIN));
        assert!(!has_word("adjoining rooms", JOIN));
        assert!(has_word("会議に参加する", JOIN));
        assert!(!has_word("latest news", ELSEWHERE));
        assert!(has_word("join test meeting", ELSEWHERE));
    }

    #[test]
    fn all_is_in_small_letters() {
        let lists = [
            JOIN, INVITATION, ELSEWHERE, CLOSING, CONTACT, FROM, SENT, WHEN, MESSAGE, WROTE,
            BY_PHONE,
        ];
        let labels = LABELS.iter().flat_map(|(_, labels)| labels.iter());
        for word in lists.into_iter().flatten().chain(labels) {
            assert_eq!(folded(word), *word);
        }
    }
}
