//! Folders that belong to the organisation.

use exchange_connector::ews::{EwsConnector, ServerVersion};
use exchange_connector::http::{AuthPolicy, AuthScheme, Credentials, HttpOptions, Proxy};
use exchange_connector::model::FolderId;
use exchange_connector::simulator::Simulator;
use exchange_connector::{Backend, ErrorKind};

const VERSIONS: [ServerVersion; 4] = [
    ServerVersion::Exchange2007Sp1,
    ServerVersion::Exchange2010Sp2,
    ServerVersion::Exchange2013Sp1,
    ServerVersion::Exchange2016,
];

async fn start(version: ServerVersion) -> (Simulator, EwsConnector) {
    let simulator = Simulator::builder().version(version.as_str().parse().unwrap());
    let simulator = simulator.start().await.unwrap();
    let bob = simulator.accounts().remove(1);
    let connector = EwsConnector::builder(simulator.ews_url())
        .credentials(Credentials::password(bob.address, bob.password))
        .auth(AuthPolicy::Only(AuthScheme::Basic))
        .version(version)
        .http(HttpOptions::default().proxy(Proxy::Off))
        .build()
        .unwrap();
    (simulator, connector)
}

#[tokio::test]
async fn they_are_found_level_by_level() {
    for version in VERSIONS {
        let (simulator, connector) = start(version).await;
        let public = connector.public_folders();
        assert_eq!(public.children(None).await.unwrap(), []);
        let add = |parent: &str, name: &str| {
            simulator
                .add_public_folder(parent, "IPF.Note", name)
                .unwrap()
        };
        let news = add("publicfoldersroot", "News");
        let local = add(&news, "Local & near");
        let note = "<t:Message><t:Subject>Flood</t:Subject></t:Message>";
        simulator
            .plant(Simulator::PUBLIC_FOLDERS, &local, note)
            .unwrap();

        let top = public.children(None).await.unwrap();
        let names: Vec<&str> = top.iter().map(|folder| folder.name.as_str()).collect();
        assert_eq!(names, ["News"], "{version}");
        assert_eq!(top[0].child_folders, Some(1));
        let found = public
            .find(&["news", "LOCAL & near"])
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (found.id.as_raw(), found.total_items),
            (local.as_str(), Some(1))
        );
        assert_eq!(found.parent.as_ref(), Some(&top[0].id));
        assert_eq!(public.find(&["News", "World"]).await.unwrap(), None);
        assert_eq!(simulator.violations(), []);
    }
}

#[tokio::test]
async fn more_than_one_request_tells() {
    let (simulator, connector) = start(ServerVersion::Exchange2016).await;
    for number in 0..1001 {
        let name = format!("Folder {number}");
        simulator
            .add_public_folder("publicfoldersroot", "IPF.Note", &name)
            .unwrap();
    }
    let folders = connector.public_folders().children(None).await.unwrap();
    assert_eq!(folders.len(), 1001);
    assert_eq!(simulator.operations()["FindFolder"], 3);
}

#[tokio::test]
async fn folders_there_are_not() {
    let (simulator, connector) = start(ServerVersion::Exchange2016).await;
    let public = connector.public_folders();
    let foreign = FolderId::from_raw(Backend::Graph, "1");
    let refused = public.children(Some(&foreign)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidId);
    assert_eq!(simulator.log().http_requests, 0);
    let odd = FolderId::from_raw(Backend::Ews, "AAMk");
    let refused = public.children(Some(&odd)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidId);
}
