//! Names of one and the same zone in the IANA time zone database.
//!
//! Source: the file `backward` and the links in `etcetera` of release 2025b, which `chrono-tz` 0.10 is made from. CLDR
//! keeps the name it first had for a zone, so that for some zones the database's own name is the alias here.

use chrono_tz::Tz;

/// The name that CLDR has for a zone, when it is another one; `None` when it is this one, or there is none.
pub(super) fn in_cldr(tz: Tz) -> Option<Tz> {
    let name = match tz.name() {
        "Africa/Timbuktu" | "Iceland" => "Africa/Abidjan",
        "Egypt" => "Africa/Cairo",
        "Africa/Asmara" => "Africa/Nairobi",
        "Libya" => "Africa/Tripoli",
        "America/Atka" | "US/Aleutian" => "America/Adak",
        "US/Alaska" => "America/Anchorage",
        "America/Argentina/Buenos_Aires" => "America/Buenos_Aires",
        "America/Argentina/Catamarca" | "America/Argentina/ComodRivadavia" => "America/Catamarca",
        "CST6CDT" | "US/Central" => "America/Chicago",
        "America/Argentina/Cordoba" | "America/Rosario" => "America/Cordoba",
        "America/Shiprock" | "MST7MDT" | "Navajo" | "US/Mountain" => "America/Denver",
        "US/Michigan" => "America/Detroit",
        "America/Yellowknife" | "Canada/Mountain" => "America/Edmonton",
        "America/Nuuk" => "America/Godthab",
        "Canada/Atlantic" => "America/Halifax",
        "Cuba" => "America/Havana",
        "America/Knox_IN" | "US/Indiana-Starke" => "America/Indiana/Knox",
        "America/Fort_Wayne" | "America/Indiana/Indianapolis" | "US/East-Indiana" => {
            "America/Indianapolis"
        }
        "America/Pangnirtung" => "America/Iqaluit",
        "Jamaica" => "America/Jamaica",
        "America/Argentina/Jujuy" => "America/Jujuy",
        "PST8PDT" | "US/Pacific" => "America/Los_Angeles",
        "America/Kentucky/Louisville" => "America/Louisville",
        "Brazil/West" => "America/Manaus",
        "Mexico/BajaSur" => "America/Mazatlan",
        "America/Argentina/Mendoza" => "America/Mendoza",
        "Mexico/General" => "America/Mexico_City",
        "EST5EDT" | "US/Eastern" => "America/New_York",
        "Brazil/DeNoronha" => "America/Noronha",
        "America/Atikokan" | "EST" => "America/Panama",
        "MST" | "US/Arizona" => "America/Phoenix",
        "America/Virgin" => "America/Puerto_Rico",
        "Canada/Saskatchewan" => "America/Regina",
        "America/Porto_Acre" | "Brazil/Acre" => "America/Rio_Branco",
        "Chile/Continental" => "America/Santiago",
        "Brazil/East" => "America/Sao_Paulo",
        "Canada/Newfoundland" => "America/St_Johns",
        "America/Ensenada" | "America/Santa_Isabel" | "Mexico/BajaNorte" => "America/Tijuana",
        "America/Montreal" | "America/Nipigon" | "America/Thunder_Bay" | "Canada/Eastern" => {
            "America/Toronto"
        }
        "Canada/Pacific" => "America/Vancouver",
        "Canada/Yukon" => "America/Whitehorse",
        "America/Rainy_River" | "Canada/Central" => "America/Winnipeg",
        "Asia/Ashkhabad" => "Asia/Ashgabat",
        "Asia/Kolkata" => "Asia/Calcutta",
        "Asia/Dacca" => "Asia/Dhaka",
        "Hongkong" => "Asia/Hong_Kong",
        "Asia/Tel_Aviv" | "Israel" => "Asia/Jerusalem",
        "Asia/Kathmandu" => "Asia/Katmandu",
        "Asia/Macao" => "Asia/Macau",
        "Asia/Ujung_Pandang" => "Asia/Makassar",
        "Europe/Nicosia" => "Asia/Nicosia",
        "Asia/Yangon" => "Asia/Rangoon",
        "Asia/Ho_Chi_Minh" => "Asia/Saigon",
        "ROK" => "Asia/Seoul",
        "Asia/Chongqing" | "Asia/Chungking" | "Asia/Harbin" | "PRC" => "Asia/Shanghai",
        "Singapore" => "Asia/Singapore",
        "ROC" => "Asia/Taipei",
        "Iran" => "Asia/Tehran",
        "Asia/Thimbu" => "Asia/Thimphu",
        "Japan" => "Asia/Tokyo",
        "Asia/Choibalsan" | "Asia/Ulan_Bator" => "Asia/Ulaanbaatar",
        "Asia/Kashgar" => "Asia/Urumqi",
        "Atlantic/Faroe" => "Atlantic/Faeroe",
        "Australia/South" => "Australia/Adelaide",
        "Australia/Queensland" => "Australia/Brisbane",
        "Australia/Yancowinna" => "Australia/Broken_Hill",
        "Australia/North" => "Australia/Darwin",
        "Australia/Currie" | "Australia/Tasmania" => "Australia/Hobart",
        "Australia/LHI" => "Australia/Lord_Howe",
        "Australia/Victoria" => "Australia/Melbourne",
        "Australia/West" => "Australia/Perth",
        "Australia/ACT" | "Australia/Canberra" | "Australia/NSW" => "Australia/Sydney",
        "Etc/GMT+0" | "Etc/GMT-0" | "Etc/GMT0" | "Etc/Greenwich" | "GMT" | "GMT+0" | "GMT-0"
        | "GMT0" | "Greenwich" => "Etc/GMT",
        "Etc/UCT" | "Etc/Universal" | "Etc/Zulu" | "UCT" | "UTC" | "Universal" | "Zulu" => {
            "Etc/UTC"
        }
        "EET" => "Europe/Athens",
        "Atlantic/Jan_Mayen" => "Europe/Berlin",
        "CET" | "MET" => "Europe/Brussels",
        "Europe/Tiraspol" => "Europe/Chisinau",
        "Eire" => "Europe/Dublin",
        "Asia/Istanbul" | "Turkey" => "Europe/Istanbul",
        "Europe/Kyiv" | "Europe/Uzhgorod" | "Europe/Zaporozhye" => "Europe/Kiev",
        "Portugal" | "WET" => "Europe/Lisbon",
        "Europe/Belfast" | "GB" | "GB-Eire" => "Europe/London",
        "W-SU" => "Europe/Moscow",
        "Poland" => "Europe/Warsaw",
        "Antarctica/South_Pole" | "NZ" => "Pacific/Auckland",
        "NZ-CHAT" => "Pacific/Chatham",
        "Chile/EasterIsland" => "Pacific/Easter",
        "Pacific/Kanton" => "Pacific/Enderbury",
        "HST" | "Pacific/Johnston" | "US/Hawaii" => "Pacific/Honolulu",
        "Kwajalein" => "Pacific/Kwajalein",
        "Pacific/Samoa" | "US/Samoa" => "Pacific/Pago_Pago",
        "Pacific/Pohnpei" => "Pacific/Ponape",
        "Pacific/Chuuk" | "Pacific/Yap" => "Pacific/Port_Moresby",
        _ => return None,
    };
    name.parse().ok()
}

/// The name the database has for a zone today, where CLDR's name for a Windows zone is an older one.
pub(super) fn present_name(tz: Tz) -> Tz {
    match tz {
        Tz::America__Buenos_Aires => Tz::America__Argentina__Buenos_Aires,
        Tz::America__Godthab => Tz::America__Nuuk,
        Tz::America__Indianapolis => Tz::America__Indiana__Indianapolis,
        Tz::Asia__Calcutta => Tz::Asia__Kolkata,
        Tz::Asia__Katmandu => Tz::Asia__Kathmandu,
        Tz::Asia__Rangoon => Tz::Asia__Yangon,
        Tz::Etc__UTC => Tz::UTC,
        Tz::Europe__Kiev => Tz::Europe__Kyiv,
        other => other,
    }
}
