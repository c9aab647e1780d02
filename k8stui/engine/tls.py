"""Certificates: for which names a server has one, and whether a client that expects another name takes it.

A socket without a certificate is one of which nothing is known: a client that speaks TLS takes it as it is. A client
that does not speak TLS sees no certificate. Names are compared as Go's crypto/x509 does (RFC 6125, 6.4): a wildcard
stands for exactly one label, the first, and an address must be in the certificate as an address. The words of the
refusal are those of Go's HostnameError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8stui.engine.container import certificate_of
from k8stui.engine.ip import canonical, is_ip
from k8stui.engine.trace import Cause, Hop, Outcome

if TYPE_CHECKING:
    from k8stui.engine.journey import Journey


def fits(certificate: tuple[str, ...], expected: str) -> bool:
    """Tell whether a certificate for these names and addresses is valid for the one that a client expects."""
    if is_ip(expected.strip("[]")):
        address = canonical(expected.strip("[]"))
        return any(is_ip(name) and canonical(name) == address for name in certificate)
    host = expected.lower().removesuffix(".")
    return any(not is_ip(name) and _matches(name.lower(), host) for name in certificate)


def _matches(pattern: str, host: str) -> bool:
    ours, theirs = pattern.split("."), host.split(".")
    if len(ours) != len(theirs) or not host:
        return False
    return (ours[0] == "*" or ours[0] == theirs[0]) and ours[1:] == theirs[1:]


def complaint(certificate: tuple[str, ...], expected: str) -> str:
    """Return why a client does not take a certificate, in Go's words."""
    host = expected.strip("[]")
    valid = [name for name in certificate if is_ip(name) == is_ip(host)]
    if is_ip(host) and not valid:
        return f"x509: cannot validate certificate for {host} because it doesn't contain any IP SANs"
    if not valid:
        return f"x509: certificate is not valid for any names, but wanted to match {host}"
    return f"x509: certificate is valid for {', '.join(valid)}, not {host}"


def shake_hands(journey: Journey, expected: str) -> Outcome:
    """Let the client of a connection that was taken judge the server's certificate; adds the hop and the cause."""
    pod, store, target = journey.answering_pod, journey.fabric.store, journey.target
    if pod is not None:
        certificate = certificate_of(pod, store, target.port)
    else:
        certificate = store.world.settings.certificates.get(str(target), ())
    if not certificate or journey.protocol != "TCP":
        return Outcome.DELIVERED
    valid = fits(certificate, expected)
    said = f"the certificate is valid for {expected}" if valid else complaint(certificate, expected)
    client = journey.source.pod
    cause = None if valid or client is None else Cause("Pod", client.namespace, client.name, "", said)
    ends = journey.called, journey.origin
    details = {"certificate": list(certificate), "expected": expected}
    journey.hops.append(Hop("TLS", valid, said, journey.source.node, *ends, *ends, cause, True, details))
    if valid:
        return Outcome.DELIVERED
    journey.cause, journey.answered_by = cause, None
    return Outcome.UNTRUSTED
