"""`ppg doctor` of consoles that run beside everything that they need: nothing is wrong."""

from deploy.local.world import World
from gateway.cli.doctor import diagnose
from services.kit.doctor.finding import Verdict


def test_every_console_that_runs_is_well(console_world: World) -> None:
    for console in console_world.consoles.values():
        found = diagnose(console.settings)

        assert [each for each in found if each.verdict is Verdict.FAIL] == []
        passed = {each.check: each.says for each in found if each.verdict is Verdict.PASS}
        assert {"certificate", "directory", "identity", "token", "sign-in", "process"} <= passed.keys()
        assert passed["gateway"] == "answers over mutual TLS, and lets this service in"
        assert passed["agency"] == "answers over mutual TLS, and serves"
