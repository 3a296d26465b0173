//! The answers of the corpus that are about HTTP and character sets, where the corpus is present.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::http::{charset, refusal};

#[test]
fn answers_of_the_corpus() {
    let Some(corpus) = std::env::var_os("EXCHANGE_CORPUS").map(std::path::PathBuf::from) else {
        println!("skipped: EXCHANGE_CORPUS does not name the folder of the corpus");
        return;
    };
    let manifest = std::fs::read_to_string(corpus.join("hostile/MANIFEST.tsv")).unwrap();
    let mut judged = 0;
    for line in manifest.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [file, _, _, status, content_type, headers, expected, ..] = columns[..] else {
            panic!("{line}")
        };
        if !["hostile/http/", "hostile/encoding/"]
            .iter()
            .any(|group| file.starts_with(group))
        {
            continue;
        }
        let mut map = HeaderMap::new();
        for header in headers.split(" | ").filter(|header| !header.is_empty()) {
            let (name, value) = header.split_once(": ").unwrap();
            map.append(
                HeaderName::try_from(name).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        let status = status.parse().unwrap();
        let body = std::fs::read(corpus.join(file)).unwrap();
        let error = refusal("GetItem", None, status, &map, &body);
        if expected == "http" {
            assert_eq!(
                error.unwrap_or_else(|| panic!("{file}")).http_status(),
                Some(status),
                "{file}"
            );
        } else {
            assert!(error.is_none(), "{file}: {error:?}");
            let text = charset::decode(Some(content_type).filter(|t| !t.is_empty()), body);
            let as_expected = match expected {
                "encoding" => text.is_err(),
                "ok|encoding" => true,
                _ => text.is_ok(),
            };
            assert!(as_expected, "{file}: {text:?}");
        }
        judged += 1;
    }
    assert!(judged > 25, "{judged}");
}
