"""A caller: a credential with its role and the organisations it may see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from app.core.database import Scope
from app.core.errors import NotFound
from app.core.texts import text
from app.policy.violation import Violation, refuse


class Role(StrEnum):
    """What a credential may do."""

    customer_admin = "customerAdmin"
    """Everything in one organisation; signs for it."""
    read_only_admin = "readOnlyAdmin"
    """Reads one organisation."""
    partner_admin = "partnerAdmin"
    """Acts for the customers of one partner; never signs for them."""
    support = "support"
    """PSTN technical support: sees every organisation, moves orders."""
    operator = "operator"
    """Runs the service: organisations, licences, inventory, clock."""


READERS = tuple(Role)
ADMINS = (Role.customer_admin, Role.partner_admin)
ORGANIZATION_ROLES = (Role.customer_admin, Role.read_only_admin)
STAFF_ROLES = (Role.support, Role.operator)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, seeing `scope`; `organization_id` is the one organisation spoken of, if any."""

    credential_id: UUID
    name: str
    role: Role
    scope: Scope
    organization_id: UUID | None = None
    partner_id: UUID | None = None

    def narrowed_to(self, organization_id: UUID) -> Caller:
        """The same caller, speaking of one organisation. Raises 404 for somebody else's."""
        if not self.scope.includes(organization_id):
            raise NotFound
        return replace(self, scope=Scope.of([organization_id]), organization_id=organization_id)

    def required_organization(self) -> UUID:
        """The organisation spoken of. Raises 422 `orgIdRequired` when the request names none."""
        if self.organization_id is None:
            refuse(
                [
                    Violation(
                        "orgIdRequired",
                        "/orgId",
                        text("Say which organisation is meant, by the query parameter orgId."),
                    )
                ]
            )
        assert self.organization_id is not None  # noqa: S101 - refused above
        return self.organization_id
