"""The register of device accounts over HTTP."""

import azure.functions as func

from functions.http import accepted, answer, answering
from functions.requests import check_media_type, flag, idempotency_key, whole
from shared import composition
from shared.clock import utc_now

blueprint = func.Blueprint()

_KEY = func.AuthLevel.FUNCTION
_ONE = "device-accounts/{id}"
_PAGE, _LARGEST_PAGE = 100, 1_000


@blueprint.function_name("list_device_accounts")
@blueprint.route("device-accounts", methods=["GET"], auth_level=_KEY)
@answering
async def list_device_accounts(req: func.HttpRequest) -> func.HttpResponse:
    """A page of the register, and where the next one is."""
    from shared.register.pages import page
    from shared.register.view import view

    top = whole(req, "top", _PAGE, _LARGEST_PAGE)
    entries, after = await page(composition.register(), req.params.get("after"), top)
    return answer({"deviceAccounts": [view(entry) for entry in entries], "after": after})


@blueprint.function_name("get_device_account")
@blueprint.route(_ONE, methods=["GET"], auth_level=_KEY)
@answering
async def get_device_account(req: func.HttpRequest) -> func.HttpResponse:
    """One device account, and what became of its rotations."""
    from shared.register.edit import known
    from shared.register.precondition import entity_tag
    from shared.register.view import view

    entry = await known(composition.register(), req.route_params["id"])
    return answer(view(entry), headers={"ETag": entity_tag(entry)})


@blueprint.function_name("put_device_account")
@blueprint.route(_ONE, methods=["PUT"], auth_level=_KEY)
@answering
async def put_device_account(req: func.HttpRequest) -> func.HttpResponse:
    """Register an account (201), or replace what is said of it (200)."""
    from shared.register.edit import put
    from shared.register.precondition import Precondition, entity_tag
    from shared.register.view import view

    check_media_type(req, "application/json")
    wanted, headers = req.route_params["id"], req.headers
    precondition = Precondition(headers.get("if-match"), headers.get("if-none-match"))
    done = await put(composition.register(), wanted, req.get_body(), precondition, utc_now())
    found = {"ETag": entity_tag(done.entry), "Location": f"/api/device-accounts/{done.entry.id}"}
    return answer(view(done.entry), 201 if done.created else 200, found)


@blueprint.function_name("delete_device_account")
@blueprint.route(_ONE, methods=["DELETE"], auth_level=_KEY)
@answering
async def delete_device_account(req: func.HttpRequest) -> func.HttpResponse:
    """Forget an account; its secret stays in the vault."""
    from shared.register.edit import remove
    from shared.register.precondition import Precondition

    precondition = Precondition(req.headers.get("if-match"), req.headers.get("if-none-match"))
    await remove(composition.register(), req.route_params["id"], precondition)
    return func.HttpResponse(status_code=204)


@blueprint.function_name("rotate_device_account")
@blueprint.route(f"{_ONE}/rotate", methods=["POST"], auth_level=_KEY)
@answering
async def rotate_device_account(req: func.HttpRequest) -> func.HttpResponse:
    """Ask for a new password now: 202 with the id of the change."""
    from shared.register.rotate import rotate

    return accepted(
        await rotate(
            composition.register(),
            composition.intake(),
            req.route_params["id"],
            req.get_body(),
            source="http",
            key=idempotency_key(req),
        )
    )


@blueprint.function_name("import_device_accounts")
@blueprint.route("device-accounts/import", methods=["POST"], auth_level=_KEY)
@answering
async def import_device_accounts(req: func.HttpRequest) -> func.HttpResponse:
    """Register what a CSV file says: all of it, or nothing when anything is wrong with it."""
    check_media_type(req, "text/csv")
    dry_run = flag(req, "dryRun")
    done = await composition.importing().run(req.get_body(), utc_now(), dry_run=dry_run)
    return answer({**done.view, "dryRun": dry_run})


@blueprint.function_name("export_device_accounts")
@blueprint.route("device-accounts/export", methods=["GET"], auth_level=_KEY)
@answering
async def export_device_accounts(req: func.HttpRequest) -> func.HttpResponse:
    """The register as CSV, as many accounts as an import takes; `Link` tells where to go on."""
    from shared.register.csv_file import MOST_ROWS, TOLD_ONLY
    from shared.register.exporting import entry_line, header_line
    from shared.register.pages import page

    top = whole(req, "top", MOST_ROWS, MOST_ROWS)
    entries, after = await page(composition.register(), req.params.get("after"), top)
    text = header_line(*TOLD_ONLY) + "".join(entry_line(entry) for entry in entries)
    following = f"/api/device-accounts/export?after={after}&top={top}"
    link = {"Link": f'<{following}>; rel="next"'} if after else {}
    return func.HttpResponse(text, mimetype="text/csv", charset="utf-8", headers=link)
