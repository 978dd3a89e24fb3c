from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = (
    "sklearn",
    "scipy",
    "pandas",
    "datasets",
    "joblib",
    "pyarrow",
    "rich",
    "trafilatura",
    "jieba",
    "pyspark",
)


def loaded_after(code: str) -> set[str]:
    program = f"import sys\n{code}\nprint(' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True
    )
    assert not done.stderr
    return set(done.stdout.split())


def test_tagging_imports_nothing_heavy() -> None:
    code = "import responsetag\nresponsetag.load().tag('党员连夜入户排查返乡人员，黨員。')"
    assert not set(HEAVY) & loaded_after(code)


def test_importing_reads_no_model_and_no_dictionary() -> None:
    found = loaded_after("import responsetag")
    assert not {"rjieba", "opencc", "safetensors", "charset_normalizer", "click"} & found


def test_a_run_in_one_process_starts_light() -> None:
    code = "from responsetag.batch.run import tag_files\ntag_files([], '/dev/null')\n"
    assert not {*HEAVY, "multiprocessing", "zstandard"} & loaded_after(code)


def test_importing_leaves_logging_and_random_numbers_alone() -> None:
    loaded_after(
        "import logging, random, warnings, numpy\n"
        "before = random.getstate(), logging.root.level, logging.root.handlers[:], warnings.filters[:]\n"
        "import responsetag\n"
        "responsetag.load().tag('消毒')\n"
        "assert before == (random.getstate(), logging.root.level, logging.root.handlers[:], warnings.filters[:])"
    )


def test_the_spark_functions_say_what_to_install() -> None:
    loaded_after(
        "import sys\n"
        "import responsetag.integrations.spark as spark\n"
        "from responsetag import MissingExtraError\n"
        "from responsetag.integrations.spark import job\n"
        "assert not {'pyspark', 'pyarrow'} & set(sys.modules)\n"
        "sys.modules['pyspark'] = None\n"
        "for call in (lambda: spark.add_tags(None), spark.tag_schema):\n"
        "    try: call()\n"
        "    except MissingExtraError as error: assert \"'responsetag[spark]'\" in str(error)\n"
        "    else: raise AssertionError\n"
        "import io, contextlib\n"
        "err = io.StringIO()\n"
        "with contextlib.redirect_stderr(err):\n"
        "    try: job.main(['in', 'out'])\n"
        "    except SystemExit as stop: assert stop.code == 2\n"
        "assert \"'responsetag[spark]'\" in err.getvalue(), err.getvalue()\n"
    )


def test_models_are_compared_and_labels_counted_without_any_extra(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    rows = [f'{{"text": "街道对农贸市场每日消毒{n}次。", "labels": []}}\n' for n in range(10)]
    gold.write_text("".join(rows), encoding="utf-8")
    code = (
        "import contextlib, io\n"
        "from responsetag.cli import main\n"
        f"for command in (['compare', 'zh-response', 'zh-response'], ['prevalence', {str(gold)!r}, '--gold']):\n"
        "    with contextlib.redirect_stdout(io.StringIO()) as out:\n"
        f"        try: main([*command, {str(gold)!r}, '--json'])\n"
        "        except SystemExit as stop: assert stop.code == 0\n"
        "    assert 'disinfection_sanitation' in out.getvalue()\n"
    )
    assert not set(HEAVY) & loaded_after(code)


def test_the_light_core_says_what_to_install() -> None:
    code = (
        "import sys\n"
        "for name in ('sklearn', 'datasets', 'trafilatura'): sys.modules[name] = None\n"
        "from responsetag.cli import main\n"
        "from responsetag.text import read_text\n"
        "from responsetag import MissingExtraError\n"
        "try: read_text(b'<p>x</p>', html=True)\n"
        "except MissingExtraError as error: assert \"'responsetag[html]'\" in str(error)\n"
        "else: raise AssertionError\n"
        "import io, contextlib\n"
        "err = io.StringIO()\n"
        "with contextlib.redirect_stderr(err):\n"
        "    try: main(['train'])\n"
        "    except SystemExit as stop: assert stop.code == 2\n"
        "assert \"'responsetag[train]'\" in err.getvalue(), err.getvalue()\n"
    )
    loaded_after(code)
