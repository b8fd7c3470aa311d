"""The baseline of the webhook benchmark: a handler that takes a body and answers 202."""

import azure.functions as func

app = func.FunctionApp()


@app.function_name("take")
@app.route("webhooks/{source}", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
async def take(req: func.HttpRequest) -> func.HttpResponse:
    """Nothing but the host and the runtime."""
    return func.HttpResponse(status_code=202 if req.get_body() else 400)
