#!/usr/bin/env python3
"""Checks an Autodiscover service with exchangelib: from an address and a password to a calendar.

The hosts that exchangelib asks are those of the address's domain. They are in no DNS, so every
connection to them is made to the server of --url. Any failed check ends the run with a status
other than zero.
"""

import argparse
from urllib.parse import urlparse

import urllib3.connection
from exchangelib import DELEGATE, Account, Credentials
from exchangelib.autodiscover import Autodiscovery, clear_cache, discover
from exchangelib.errors import AutoDiscoverFailed, ErrorNonExistentMailbox, UnauthorizedError
from exchangelib.protocol import BaseProtocol

from exchangelib_calendar import account_options, recording_adapter


def lead_to(server, domain, closed):
    """Sends what is for a host of the domain to the server, and to nowhere what is for a closed one."""
    connect = urllib3.connection.connection.create_connection

    def create_connection(address, *arguments, **options):
        host = address[0]
        if host in closed:
            raise ConnectionRefusedError(host)
        if host == domain or host.endswith("." + domain):
            address = (server.hostname, server.port)
        return connect(address, *arguments, **options)

    urllib3.connection.connection.create_connection = create_connection
    # both ask the name servers of this machine
    Autodiscovery._ensure_valid_hostname = lambda self, url: None
    Autodiscovery._get_srv_records = lambda self, hostname: []


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    account_options(parser)
    options = parser.parse_args()
    BaseProtocol.HTTP_ADAPTER_CLS = recording_adapter(options.dump, options.ca_file)
    address, password = options.user.split(":", 1)
    domain = address.split("@")[1]
    closed = set()
    lead_to(urlparse(options.url), domain, closed)
    credentials = Credentials(address, password)

    for host in (domain, f"autodiscover.{domain}"):
        clear_cache()
        answer, protocol = discover(address, credentials=credentials)
        assert answer.autodiscover_smtp_address == address, answer
        assert answer.user_display_name, answer
        assert protocol.service_endpoint == options.url, protocol.service_endpoint
        print("ok", host)
        closed.add(host)

    clear_cache()
    try:
        discover(address, credentials=credentials)
    except AutoDiscoverFailed:
        print("ok nobody there")
    else:
        raise AssertionError("found without a server")
    closed.clear()

    clear_cache()
    try:
        discover(f"nobody@{domain}", credentials=credentials)
    except (AutoDiscoverFailed, ErrorNonExistentMailbox):
        print("ok unknown address")
    else:
        raise AssertionError("found somebody unknown")

    clear_cache()
    try:
        discover(address, credentials=Credentials(address, "wrong"))
    except (AutoDiscoverFailed, UnauthorizedError):
        print("ok wrong password")
    else:
        raise AssertionError("found with a wrong password")

    clear_cache()
    account = Account(address, credentials=credentials, autodiscover=True, access_type=DELEGATE)
    assert account.calendar.folder_class == "IPF.Appointment"
    print("ok connects to what it found,", account.version)


if __name__ == "__main__":
    main()
