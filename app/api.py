"""Every router of the API, in one list."""

from fastapi import APIRouter

from app.auth import router as auth
from app.domains.events import router as events
from app.domains.locations import router as locations
from app.domains.number_orders import router as number_orders
from app.domains.numbering import router as numbering
from app.domains.orders import router as orders
from app.domains.organizations import router as organizations
from app.domains.port_orders import router as port_orders
from app.domains.simulation import router as simulation
from app.domains.support_cases import router as support_cases
from app.domains.webhooks import router as webhooks

ROUTERS: tuple[APIRouter, ...] = (
    auth.webex,
    auth.router,
    organizations.webex,
    organizations.router,
    locations.webex,
    numbering.webex_locations,
    locations.router,
    number_orders.router,
    number_orders.support,
    port_orders.router,
    port_orders.uploads,
    port_orders.support,
    orders.router,
    orders.support,
    support_cases.router,
    numbering.webex,
    numbering.router,
    numbering.uploads,
    numbering.inventory,
    events.router,
    webhooks.router,
    simulation.router,
)

TAGS = [
    {"name": "Who calls", "description": "Access tokens, roles, oneself."},
    {"name": "Organizations", "description": "Customers, their partners and licences."},
    {"name": "Locations", "description": "Places, PSTN connections, emergency addresses."},
    {"name": "New numbers", "description": "Search, order, terms of service, limits."},
    {"name": "Ports", "description": "Numbers that move here from another carrier."},
    {"name": "Orders", "description": "Every order: status, errors, timeline."},
    {"name": "Support", "description": "Whom to turn to, cases, the support desk."},
    {"name": "Numbers", "description": "Numbers owned, the set-up of a location."},
    {"name": "Events", "description": "What happened, as a feed and as a stream."},
    {"name": "Webhooks", "description": "Events sent to receivers, by Standard Webhooks."},
    {"name": "Simulator", "description": "The simulated carrier and its clock."},
    {"name": "Inventory", "description": "The stock of numbers; for the operator."},
]
