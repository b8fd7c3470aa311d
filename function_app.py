"""The function app: one blueprint per way in, nothing else."""

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
