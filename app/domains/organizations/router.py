"""`/organizations`, `/licenses`, and the account that Cisco PSTN needs."""

from typing import Annotated

from fastapi import APIRouter, Request, Response, status

from app.auth.caller import READERS, Caller, Role
from app.auth.guard import Read, Write, allow
from app.core.errors import INVALID_TRANSITION
from app.core.http import ApiRoute, IfMatch, Versioned, WebexRoute, set_etag
from app.core.openapi import problems
from app.core.pagination import Paged
from app.core.texts import text
from app.domains.organizations import repository, service
from app.domains.organizations.schemas import (
    Licenses,
    LicenseView,
    OrganizationCreate,
    OrganizationPath,
    Organizations,
    OrganizationView,
    PstnAccountPatch,
    PstnAccountView,
)
from app.policy.violation import Violation, refuse

webex = APIRouter(route_class=WebexRoute, tags=["Organizations"])
router = APIRouter(route_class=ApiRoute, tags=["Organizations"])

LICENSE_NAME = "Webex Calling - Outbound Calling Plan"


@webex.get("/organizations", summary="List organisations", responses=problems(400, 422))
async def list_organizations(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    session: Read,
    page: Paged,
    response: Response,
) -> Organizations:
    """The organisations the caller may see, all at once as Webex does, or in pages of `max`."""
    limit = page.max_items + 1 if page.is_wished else None
    shown = await repository.list_page(session, after=page.after_id, limit=limit)
    if page.is_wished:
        shown = page.cut(shown, response, lambda organization: organization.id)
    return Organizations(items=[OrganizationView.of(organization) for organization in shown])


@webex.get("/organizations/{orgId}", summary="Read an organisation", responses=problems())
async def get_organization(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    org_id: OrganizationPath,
    session: Read,
) -> OrganizationView:
    """One organisation."""
    return OrganizationView.of(await service.get(session, org_id))


@router.post(
    "/organizations",
    status_code=status.HTTP_201_CREATED,
    summary="Make an organisation",
    responses=problems(409, 422),
)
async def create_organization(
    caller: Annotated[Caller, allow(Role.operator)],
    body: OrganizationCreate,
    session: Write,
    request: Request,
    response: Response,
) -> OrganizationView:
    """Make an organisation with its subscription, partner and Outbound Calling Plans."""
    if caller.organization_id is not None:
        refuse(
            [
                Violation(
                    "validationFailed", "/orgId", text("A new organisation lies within no other.")
                )
            ]
        )
    organization = await service.create(session, body)
    response.headers["Location"] = str(request.url_for("get_organization", orgId=organization.id))
    return OrganizationView.of(organization)


@router.get(
    "/organizations/{orgId}/pstnAccount",
    summary="Read what decides about Cisco PSTN",
    responses=problems(),
)
async def get_pstn_account(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    org_id: OrganizationPath,
    session: Read,
    response: Versioned,
) -> PstnAccountView:
    """Subscription, partner and Outbound Calling Plans of an organisation."""
    organization = await service.get(session, org_id)
    set_etag(response, organization.version)
    return PstnAccountView.of(organization)


@router.patch(
    "/organizations/{orgId}/pstnAccount",
    summary="Change what decides about Cisco PSTN",
    responses=problems(412, 422),
)
async def update_pstn_account(
    caller: Annotated[Caller, allow(Role.operator)],  # noqa: ARG001 - the guard
    org_id: OrganizationPath,
    body: PstnAccountPatch,
    session: Write,
    response: Versioned,
    if_match: IfMatch = None,
) -> PstnAccountView:
    """Change subscription, partner or Outbound Calling Plans; what is absent stays."""
    organization = await service.change_account(session, org_id, body, if_match)
    set_etag(response, organization.version)
    return PstnAccountView.of(organization)


@router.post(
    "/organizations/{orgId}/pstnAccount/cancel",
    summary="Cancel the subscription",
    responses=problems(412, 422, codes=(INVALID_TRANSITION,)),
)
async def cancel_subscription(
    caller: Annotated[Caller, allow(Role.operator, Role.customer_admin)],  # noqa: ARG001 - the guard
    org_id: OrganizationPath,
    session: Write,
    response: Versioned,
    if_match: IfMatch = None,
) -> PstnAccountView:
    """Cancel the subscription: numbers go on, nothing new can be ordered, reserved or connected.

    It can be restored for 30 days, a trial's for 15; then it ends and its numbers are released.
    For the operator and the customer itself: a partner does not end its customer's service.
    """
    organization = await service.cancel_subscription(session, org_id, if_match)
    set_etag(response, organization.version)
    return PstnAccountView.of(organization)


@router.post(
    "/organizations/{orgId}/pstnAccount/restore",
    summary="Restore the subscription",
    responses=problems(412, 422, codes=(INVALID_TRANSITION,)),
)
async def restore_subscription(
    caller: Annotated[Caller, allow(Role.operator, Role.customer_admin)],  # noqa: ARG001 - the guard
    org_id: OrganizationPath,
    session: Write,
    response: Versioned,
    if_match: IfMatch = None,
) -> PstnAccountView:
    """Let a cancelled subscription live on, as long as it has not ended."""
    organization = await service.restore_subscription(session, org_id, if_match)
    set_etag(response, organization.version)
    return PstnAccountView.of(organization)


@webex.get("/licenses", summary="List licences", responses=problems(422))
async def list_licenses(caller: Annotated[Caller, allow(*READERS)], session: Read) -> Licenses:
    """The Outbound Calling Plan units of the organisation."""
    organization = await service.get(session, caller.required_organization())
    if not organization.plans:
        return Licenses(items=[])
    units = sum(plan.quantity for plan in organization.plans)
    return Licenses(
        items=[
            LicenseView(
                id=str(organization.plans[0].id),
                name=LICENSE_NAME,
                total_units=units,
                consumed_units=0,
            )
        ]
    )
