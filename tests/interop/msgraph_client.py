"""What the scripts with Microsoft's SDK for Graph have in common: connecting, and lists of several pages."""

import argparse
import asyncio
import ssl

import httpx
from exchangelib import EWSTimeZone
from kiota_abstractions.authentication import (
    AccessTokenProvider,
    AllowedHostsValidator,
    AnonymousAuthenticationProvider,
    BaseBearerTokenAuthenticationProvider,
)
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.file_attachment import FileAttachment
from msgraph.generated.models.recipient import Recipient
from msgraph.graph_request_adapter import options as sdk_options
from msgraph_core import GraphClientFactory

HTML = 'outlook.body-content-type="html"'
TEXT = 'outlook.body-content-type="text"'


class Token(AccessTokenProvider):
    """A token that the simulator printed."""

    def __init__(self, secret):
        self.secret = secret

    async def get_authorization_token(self, uri, additional_authentication_context={}):
        return self.secret

    def get_allowed_hosts_validator(self):
        return AllowedHostsValidator(["127.0.0.1", "localhost"])


class Person:
    """Somebody's mailbox, as the SDK has it."""

    def __init__(self, account, url, ca_file):
        self.address, token = account.split(":", 1)
        trusted = ssl.create_default_context(cafile=ca_file)
        http = httpx.AsyncClient(verify=trusted, trust_env=False, timeout=30)
        http = GraphClientFactory.create_with_default_middleware(client=http, options=sdk_options)
        adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(Token(token)), http)
        adapter.base_url = url
        self.client = GraphServiceClient(request_adapter=adapter)
        self.me = self.client.me
        self.adapter = adapter
        # Addresses of uploads are another service's: they get no token.
        self.without_token = GraphRequestAdapter(AnonymousAuthenticationProvider(), http)


def run(main, *steps):
    """Calls `main` with two people, and with the step if there are several."""
    parser = argparse.ArgumentParser()
    if steps:
        parser.add_argument("step", choices=steps)
    parser.add_argument("--url", required=True, help="where Graph is, with its version")
    parser.add_argument("--ca-file", required=True, help="the certificate to trust")
    parser.add_argument("--user", required=True, help="ADDRESS:TOKEN")
    parser.add_argument("--other", required=True, help="ADDRESS:TOKEN")
    options = parser.parse_args()
    people = [Person(account, options.url, options.ca_file) for account in (options.user, options.other)]
    asyncio.run(main(*people, *([options.step] if steps else [])))
    print("ok", options.step if steps else "work")


def asked(builder, *prefer, **query):
    """The configuration of a request with these query parameters and preferences."""
    kind = type(builder)
    config = RequestConfiguration()
    if query:
        config.query_parameters = getattr(kind, kind.__name__ + "GetQueryParameters")(**query)
    for preference in prefer:
        config.headers.add("Prefer", preference)
    return config


async def pages(builder, *prefer, **query):
    """The pages of a list, one after the other."""
    found = [await builder.get(asked(builder, *prefer, **query))]
    while found[-1].odata_next_link:
        following = builder.with_url(found[-1].odata_next_link)
        found.append(await following.get(asked(builder, *prefer)))
    return found


async def listed(builder, *prefer, **query):
    """All of a list."""
    return [one for page in await pages(builder, *prefer, **query) for one in page.value]


def same(what, seen, wanted):
    assert seen == wanted, f"{what} is {seen!r}, not {wanted!r}"


def compare(seen, story):
    """Field by field."""
    same("fields", sorted(seen), sorted(story))
    for field, wanted in story.items():
        wanted = sorted(wanted) if isinstance(wanted, list) else wanted
        same(f"{field} of {story['subject']!r}", seen[field], wanted)


def word(value):
    """The word on the wire of a value of an enumeration."""
    return None if value is None else value.value


def quoted(text):
    """A text within a condition."""
    return "'" + text.replace("'", "''") + "'"


def windows(zone):
    """What Windows calls a zone."""
    return EWSTimeZone(zone).ms_id


def recipients(addresses):
    return [Recipient(email_address=EmailAddress(address=address)) for address in addresses]


def addresses(people):
    return sorted(one.email_address.address for one in people)


def file_attachment(name, content):
    return FileAttachment(odata_type="#microsoft.graph.fileAttachment", name=name, content_bytes=content)


async def files(item):
    """The texts of what is attached, by name."""
    found = {}
    for one in await listed(item.attachments):
        whole = await item.attachments.by_attachment_id(one.id).get()
        same("kind of an attachment", whole.odata_type, "#microsoft.graph.fileAttachment")
        found[one.name] = whole.content_bytes.decode()
    return found
