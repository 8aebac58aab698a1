"""Completion, by the shells themselves: each loads the script that `switchboard complete` prints."""

import subprocess

import pytest

from switchboard import binary, client_environment

FISH = """
switchboard complete fish | source
for line in $argv
    echo "== $line"
    complete --do-complete $line
end
"""

# A shell inside the shell, at whose terminal a line and a tab are typed. What its completion adds is printed instead.
ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT=''; autoload -Uz compinit && compinit -u -D; source <(switchboard complete zsh)"
zpty -w shell 'compadd() { local -a given; zparseopts -D -E -a given - l d: ; print -rl -- BEGIN "${(@P)@[-1]}" END }'
zpty -w shell 'echo READY'
while zpty -r shell out && [[ $out != READY* ]]; do :; done
zpty -w -n shell "$1"$'\t'
while zpty -r shell out; do
    print -r -- "$out"
    [[ $out == END* ]] && break
done
"""


@pytest.fixture
def environment(server, tmp_path):
    """One in which `switchboard` is the program under test, and finds the server."""
    path = tmp_path / "bin"
    path.mkdir()
    (path / "switchboard").symlink_to(binary())
    (tmp_path / "a file").touch()
    env = client_environment(server, tmp_path)
    return {**env, "PATH": f"{path}:{env['PATH']}"}


def lines(done):
    """What was printed for each line that was completed."""
    assert done.returncode == 0, done.stderr
    sections = {}
    for line in done.stdout.replace("\r", "").splitlines():
        if line.startswith("== "):
            found = sections.setdefault(line.removeprefix("== "), [])
        elif line:
            found.append(line)
    return sections


def test_fish_completes(instance, environment, tmp_path):
    typed = [
        "switchboard connect disassociate-b",
        "switchboard connect list-bots --lex-version ",
        "switchboard connect list-bots --lex-version=",
        "switchboard connect tag-resource --resource-arn arn:aws:conn",
        "switchboard connect list-bots --cli-input-json file://a",
        "switchboard connect describe-instance --instance-id ",
    ]
    words = ["fish", "--no-config", "-c", FISH, *typed]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, env=environment, cwd=tmp_path, check=False)
    found = lines(done)
    assert [line.split("\t")[0] for line in found[typed[0]]] == ["disassociate-bot"]
    assert "\t" in found[typed[0]][0], "what it does stands behind it"
    assert found[typed[1]] == ["V1", "V2"]
    assert found[typed[2]] == ["--lex-version=V1", "--lex-version=V2"]
    assert [line.split("\t")[0] for line in found[typed[3]]] == [instance.arn]
    assert instance.id in [line.split("\t")[0] for line in found[typed[5]]]


def test_zsh_completes(instance, environment, tmp_path):
    def complete(line):
        words = ["zsh", "-f", "-c", ZSH, "zsh", line]
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=60, env=environment, cwd=tmp_path, check=False
        )
        printed = [text for text in done.stdout.replace("\r", "").splitlines() if text]
        assert "END" in printed, (printed, done.stderr)
        # The line that was typed stands before the first one.
        begin = next(at for at, text in enumerate(printed) if text.endswith("BEGIN"))
        return printed[begin + 1 : printed.index("END")]

    assert complete("switchboard connect list-bots --lex-version ") == ["V1", "V2"]
    assert complete("switchboard connect disassociate-b") == ["disassociate-bot"]
    assert complete("switchboard connect tag-resource --resource-arn arn:aws:conn") == [instance.arn]
