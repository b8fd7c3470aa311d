"""Faults that somebody could put into the protocol: each has to be noticed by a test.

`old` stands exactly once in the file. `tests` are those that are run against the fault.
"""

from dataclasses import dataclass

_STEPS = "shared/rotation/steps"
_PLAYED = (
    "tests/app/test_rotation_rules.py",
    "tests/app/test_rotation_crashes.py",
    "tests/app/test_rotation_histories.py",
)


@dataclass(frozen=True)
class Mutant:
    """One fault: what it does, and where."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...] = _PLAYED


MUTANTS = (
    Mutant(
        "tell the directory before the password is kept",
        f"{_STEPS}/mint.py",
        "kept = await keep_pending(vault, progress, operation, password)",
        "await rotation.use.directory.set_password(progress.user, password, rotation.calls)\n"
        "        kept = await keep_pending(vault, progress, operation, password)",
    ),
    Mutant(
        "tell the devices before the directory",
        f"{_STEPS}/mint.py",
        "step=Step.DIRECTORY",
        "step=Step.DEVICES",
    ),
    Mutant(
        "promote before it is confirmed",
        f"{_STEPS}/devices.py",
        "step=Step.CONFIRM",
        "step=Step.PROMOTE",
    ),
    Mutant(
        "mint on every retry",
        f"{_STEPS}/mint.py",
        "kept = await pending(vault, progress, operation)",
        "kept = None",
    ),
    Mutant(
        "take any pending password for one's own",
        "shared/rotation/secrets.py",
        "if found is None or _mint_of(found) != (operation, str(progress.minted)):",
        "if found is None:",
    ),
    Mutant(
        "take the rejected password again",
        "shared/rotation/secrets.py",
        "_mint_of(found) != (operation, str(progress.minted))",
        "_mint_of(found)[0] != operation",
    ),
    Mutant(
        "do not record that the directory is about to be told",
        f"{_STEPS}/directory.py",
        "await rotation.record(announced, State.APPLYING)",
        "rotation.know(announced)",
    ),
    Mutant(
        "do not record that a device is about to be told",
        f"{_STEPS}/devices.py",
        "await rotation.record(progress.with_device(sending), State.APPLYING)",
        "rotation.know(progress.with_device(sending))",
    ),
    Mutant(
        "do not record that it is about to be promoted",
        f"{_STEPS}/promote.py",
        "await rotation.record(progress, State.APPLIED)",
        "",
    ),
    Mutant(
        "believe a directory that gave no answer",
        f"{_STEPS}/directory.py",
        "        if not error.in_doubt:\n            rotation.not_taken(before)\n        raise",
        "        if not error.in_doubt:\n            rotation.not_taken(before)\n            raise",
    ),
    Mutant(
        "take no answer of the directory for a refusal",
        f"{_STEPS}/directory.py",
        "if not error.in_doubt:",
        "if True:",
    ),
    Mutant(
        "mint without end",
        f"{_STEPS}/directory.py",
        "before.rejections + 1 < rotation.use.waits.most_mints",
        "True",
    ),
    Mutant(
        "give up at the first rejection",
        f"{_STEPS}/directory.py",
        "before.rejections + 1 < rotation.use.waits.most_mints",
        "False",
    ),
    Mutant(
        "believe an old result of the device",
        f"{_STEPS}/confirm.py",
        'if found.began_at in ("", device.marker):',
        'if found.began_at == "":',
    ),
    Mutant(
        "take an old result for the action that was being sent",
        f"{_STEPS}/devices.py",
        'found.began_at not in ("", device.marker)',
        'found.began_at != "never"',
    ),
    Mutant(
        "tell a device without end",
        f"{_STEPS}/confirm.py",
        "device.tries >= rotation.use.waits.most_tries",
        "False",
    ),
    Mutant(
        "tell a device again that does not know how",
        f"{_STEPS}/confirm.py",
        'device.result == "notsupported" or ',
        "",
    ),
    Mutant(
        "wait for a device without end",
        f"{_STEPS}/confirm.py",
        "if by and now >= by:",
        "if False:",
    ),
    Mutant(
        "give the new password on the way back",
        "shared/rotation/secrets.py",
        "if progress.undoing:",
        "if False:",
    ),
    Mutant(
        "leave the devices that have the new password on the way back",
        "shared/rotation/progress.py",
        "return Phase.UNTOUCHED",
        "return Phase.LEFT",
    ),
    Mutant(
        "leave the devices that may have the new password on the way back",
        "shared/rotation/progress.py",
        "return Phase.LEFT if kept else Phase.DOUBTED",
        "return Phase.LEFT",
    ),
    Mutant(
        "wait on the way back for a device that sleeps",
        f"{_STEPS}/doubt.py",
        "awaited=False",
        "awaited=True",
    ),
    Mutant(
        "take a device for asleep that is slow to answer",
        f"{_STEPS}/doubt.py",
        "elif _is_late(rotation):",
        "else:",
    ),
    Mutant(
        "let the way back depend on a device that sleeps",
        f"{_STEPS}/devices.py",
        "        if device.awaited:\n            raise",
        "        raise",
    ),
    Mutant(
        "wait on the way back for an approval of the way there",
        "shared/rotation/turn.py",
        "state=State.APPLYING, approval=None)",
        "state=self._operation.state)",
    ),
    Mutant(
        "take what Intune surely refused for sent",
        f"{_STEPS}/devices.py",
        "        rotation.not_taken(progress)\n",
        "",
    ),
    Mutant(
        "promote on the way back",
        f"{_STEPS}/promote.py",
        "if progress.undoing:",
        "if False:",
    ),
    Mutant(
        "promote twice",
        "shared/rotation/secrets.py",
        "if current and current.tags.get(OPERATION) == operation:",
        "if False:",
    ),
    Mutant(
        "fail in the middle",
        "shared/rotation/turn.py",
        "return await self.hold(code, detail)",
        "return await self.fail(code, detail)",
    ),
    Mutant(
        "go back although a person is to be asked",
        "shared/rotation/turn.py",
        'wanted = progress.account.whenUnconfirmed == "reverse"',
        "wanted = True",
    ),
    Mutant(
        "forget after a crash that the directory was told",
        "shared/rotation/progress.py",
        "return self.directory is not Password.PREVIOUS or self.undoing is not None",
        "return False",
    ),
    Mutant(
        "work without a claim",
        "shared/rotation/turn.py",
        "submission = Submission(now, claimed_until, in_doubt=progress.touched)",
        "submission = Submission(now, now, in_doubt=progress.touched)",
    ),
    Mutant(
        "do not stand in the lines of the devices",
        f"{_STEPS}/gate.py",
        "await rotation.wait_also_at(device.address for device in devices)",
        "await rotation.wait_also_at([])",
    ),
    Mutant(
        "do not leave the lines of the devices",
        "shared/processing/settle.py",
        "(operation.device, *operation.also)",
        "(operation.device,)",
    ),
    Mutant(
        "go on by oneself while a person is asked",
        "shared/processing/process.py",
        "if operation.awaits_person:",
        "if False:",
    ),
    Mutant(
        "rotate an account that has a directory role",
        "shared/rotation/fitness.py",
        "if account.has_roles:",
        "if False:",
    ),
    Mutant(
        "begin although the device is away",
        f"{_STEPS}/gate.py",
        "if device.seen_at is None or device.seen_at < seen_since:",
        "if False:",
    ),
    Mutant(
        "begin behind the end of the window",
        f"{_STEPS}/gate.py",
        "if closes and rotation.now() >= closes:",
        "if False:",
    ),
    Mutant(
        "do not tell the register",
        "shared/rotation/ended.py",
        'if operation.request["operation"] != ROTATE:',
        "if True:",
    ),
    Mutant(
        "drop the ETag of the record",
        "shared/records/operations.py",
        "match_condition=MatchConditions.IfNotModified,",
        "",
        ("tests/app/test_order.py", "tests/app/test_idempotency.py"),
    ),
    Mutant(
        "let the user be asked for another password",
        "shared/graph/directory.py",
        '"forceChangePasswordNextSignIn": False',
        '"forceChangePasswordNextSignIn": True',
        ("tests/app/test_rotation.py",),
    ),
    Mutant(
        "log the password",
        f"{_STEPS}/directory.py",
        "    announced = replace(before, directory=Password.UNKNOWN)",
        "    announced = replace(before, directory=Password.UNKNOWN)\n"
        "    import logging\n    logging.getLogger().warning(value.get_secret_value())",
        ("tests/app/test_rotation_leaks.py",),
    ),
    Mutant(
        "take a change out of its line that was let go on meanwhile",
        "shared/processing/settle.py",
        "known = first.turn if first else None",
        "known = None",
        ("tests/policy/test_held_changes.py",),
    ),
    Mutant(
        "believe that a write may be out that was surely refused",
        "shared/rotation/turn.py",
        "submission = self.released(in_doubt=before.touched)",
        "submission = self.released()",
    ),
)
