"""JWTs of an OpenID Connect issuer beside our own tokens; a real issuer's key set over HTTP."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from app.core.settings import Settings
from tests.conftest import Api, Cluster, Customer, serving

ISSUER, AUDIENCE = "https://issuer.example", "cisco-pstn"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_set() -> bytes:
    key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
    return json.dumps({"keys": [{**key, "kid": "k1", "use": "sig"}]}).encode()


async def _serve_keys(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    body = key_set()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    await writer.drain()
    writer.close()


@pytest.fixture(scope="module")
async def url(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    server = await asyncio.start_server(_serve_keys, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = Settings(
        home=tmp_path_factory.mktemp("oidc"),
        demo=False,
        oidc_issuer=ISSUER,
        oidc_audience=AUDIENCE,
        oidc_jwks_url=f"http://127.0.0.1:{port}/keys",
    )
    async with serving(settings, cluster.addresses.app) as address:
        yield address
    server.close()


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "iat": now, "exp": now + 60}
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def signed(content: dict[str, Any], key: Any = KEY, algorithm: str = "RS256", **header: Any) -> str:
    return jwt.encode(content, key, algorithm, headers={"kid": "k1", **header})


async def test_a_good_token_is_its_organisations_role(url: str, customer: Customer) -> None:
    content = claims(orgId=customer.organization_id, roles=["customerAdmin"])
    async with Api(url, signed(content)) as client:
        me = (await client.get("/people/me")).json()
        assert me["orgId"] == customer.organization_id
        assert me["roles"] == ["customerAdmin"]
        assert (await client.get(f"{customer.location}/setup")).status_code == 200


async def test_a_partners_token_sees_its_customers_only(url: str, customer: Customer) -> None:
    content = claims(partnerId=customer.partner_id, roles=["other", "partnerAdmin"])
    async with Api(url, signed(content)) as client:
        listed = (await client.get("/organizations")).json()["items"]
        assert [organization["id"] for organization in listed] == [customer.organization_id]


PUBLIC = KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


def _hmac_with_public_key() -> str:
    """The classic forgery: the public key as the secret of an HMAC."""

    def part(content: bytes) -> bytes:
        return base64.urlsafe_b64encode(content).rstrip(b"=")

    head = part(json.dumps({"alg": "HS256", "kid": "k1", "typ": "JWT"}).encode())
    body = part(json.dumps(claims(roles=["operator"])).encode())
    signature = part(hmac.digest(PUBLIC, head + b"." + body, hashlib.sha256))
    return b".".join([head, body, signature]).decode()


BAD = {
    "other key": signed(claims(roles=["operator"]), OTHER_KEY),
    "unknown key id": signed(claims(roles=["operator"]), kid="k2"),
    "no algorithm": jwt.encode(claims(roles=["operator"]), "", "none", headers={"kid": "k1"}),
    "hmac with the public key": _hmac_with_public_key(),
    "expired": signed(claims(roles=["operator"], exp=int(time.time()) - 60)),
    "without end": signed(claims(roles=["operator"], exp=None)),
    "other audience": signed(claims(roles=["operator"], aud="other")),
    "other issuer": signed(claims(roles=["operator"], iss="https://other.example")),
    "no role of ours": signed(claims(roles=["root"])),
    "roles as a text": signed(claims(roles="operator")),
    "a customer's role without organisation": signed(claims(roles=["customerAdmin"])),
    "a logout token": signed(claims(roles=["operator"]), typ="logout+jwt"),
    "no JWT at all": "a.b.c",
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_token_is_refused(url: str, name: str) -> None:
    async with Api(url, BAD[name]) as client:
        response = await client.get("/people/me")
    assert response.status_code == 401
    assert response.json()["code"] == "unauthorized"


async def test_a_token_of_an_unknown_organisation_sees_nothing(url: str) -> None:
    content = claims(orgId=str(uuid4()), roles=["customerAdmin"])
    async with Api(url, signed(content)) as client:
        assert (await client.get("/locations")).json() == {"items": []}
