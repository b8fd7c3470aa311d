"""The function app: one blueprint per way in, and what they use is got ready behind it."""

import azure.functions as func

from functions import (
    actions,
    brake,
    bulk_changes,
    changes,
    device_accounts,
    health,
    intake,
    openapi,
    outcomes,
    processing,
    resend,
    rotation,
    webhooks,
)
from shared.composition.warming import WARMING

app = func.FunctionApp()
for module in (
    actions,
    brake,
    bulk_changes,
    changes,
    device_accounts,
    health,
    intake,
    openapi,
    outcomes,
    processing,
    resend,
    rotation,
    webhooks,
):
    app.register_functions(module.blueprint)
WARMING.begin()
