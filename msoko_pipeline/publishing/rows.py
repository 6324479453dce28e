"""Rows on their way to the warehouse: Arrow tables with exactly the declared columns and types.

Texts are dictionary-coded: they repeat, so reading, sorting, comparing and writing them by code is many times quicker.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from msoko_pipeline.publishing.shape import kind
from msoko_pipeline.settings import Settings
from msoko_pipeline.text.signs import NO_TEXT, as_text
from schemas.fields import columns_of

TYPES = {"Int64": pa.int64(), "Float64": pa.float64(), "boolean": pa.bool_(), "str": pa.string()}
CODED = pa.dictionary(pa.int32(), pa.string())
WIDEST = 2**62  # codes must stay within int64

Model = type[pandera.DataFrameModel]


class StagedError(ValueError):
    """Staged rows are missing or are not what is declared; the text says which table, year and columns."""


def staged(settings: Settings, year: int, mart: str) -> Path:
    """Where the staged mart of a year lies."""
    return settings.staging / f"year={year}" / f"{mart}.parquet"


def columns_wrong(path: Path, model: Model) -> str | None:
    """What is wrong with the columns of a Parquet file, in words; None when they are the declared ones."""
    return _wrong(pq.read_schema(path), model)


def count(path: Path) -> int:
    return int(pq.read_metadata(path).num_rows)


def read(path: Path, model: Model) -> pa.Table:
    """Parquet rows as an Arrow table of the declared types, one chunk a column. Raises StagedError."""
    texts = [spec.name for spec in columns_of(model) if kind(spec.dtype) == "str"]
    return conform(pq.read_table(path, read_dictionary=texts, partitioning=None), model, str(path))


def read_many(paths: Iterable[Path], model: Model) -> pa.Table:
    """Several small Parquet files as one table."""
    tables = [read(path, model) for path in paths]
    if not tables:
        return conform(empty(model), model, "")
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()


def empty(model: Model) -> pa.Table:
    return pa.schema([(spec.name, TYPES[kind(spec.dtype)]) for spec in columns_of(model)]).empty_table()


def of_frame(frame: pa.Table | pd.DataFrame, model: Model) -> pa.Table:
    """A frame in memory as an Arrow table of the declared types."""
    if isinstance(frame, pd.DataFrame):
        frame = pa.Table.from_pandas(frame, preserve_index=False)
    return conform(frame, model, model.__name__)


def conform(table: pa.Table, model: Model, where: str) -> pa.Table:
    """The declared columns in their order, cast to their types; NaN and infinity become NULL. Raises StagedError."""
    wrong = _wrong(table.schema, model)
    if wrong:
        raise StagedError(f"{where}: {wrong}")
    return pa.table({spec.name: _typed(table[spec.name], TYPES[kind(spec.dtype)]) for spec in columns_of(model)})


def key_codes(table: pa.Table, keys: Sequence[str]) -> np.ndarray:
    """One integer per row: equal where the keys are equal, ordered as the keys are (texts by their bytes).

    keys: columns without NULL. Codes of columns are digits of one number; where it would outgrow 64 bits, the
    number so far is replaced by its rank.
    """
    codes = np.zeros(len(table), dtype=np.int64)
    size = 1
    for name in keys:
        digit, base = _digits(table[name])
        if size * base >= WIDEST:
            _, codes = np.unique(codes, return_inverse=True)
            size = int(codes.max(initial=0)) + 1
        codes = codes * base + digit
        size *= base
    return codes


def _digits(column: pa.ChunkedArray) -> tuple[np.ndarray, int]:
    if not len(column):
        return np.zeros(0, dtype=np.int64), 1
    array = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if pa.types.is_dictionary(array.type):
        ranks = pc.rank(array.dictionary, tiebreaker="dense").to_numpy().astype(np.int64) - 1
        return ranks[array.indices.to_numpy(zero_copy_only=False)], len(ranks)
    values = array.to_numpy(zero_copy_only=False).astype(np.int64)
    values = values - values.min()
    return values, int(values.max()) + 1


def _typed(column: pa.ChunkedArray, wanted: pa.DataType) -> pa.Array:
    """One chunk of the wanted type, of values that every database can hold: no control signs, no NaN, no infinity."""
    if wanted == pa.string():
        if not pa.types.is_dictionary(column.type):
            column = column.cast(pa.string()).dictionary_encode()
        array = column.unify_dictionaries().combine_chunks()
        if isinstance(array, pa.ChunkedArray):  # no chunks at all, or more than one after all
            array = pa.array([], CODED) if not len(array) else pa.concat_arrays(array.chunks)
        return pa.DictionaryArray.from_arrays(
            array.indices.cast(pa.int32()), _texts(array.dictionary.cast(pa.string()))
        )
    array = column.cast(wanted).combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.array([], wanted) if not len(array) else pa.concat_arrays(array.chunks)
    if pa.types.is_floating(wanted):
        array = pc.if_else(pc.is_finite(array), array, None)
    return array


def _texts(words: pa.Array) -> pa.Array:
    """Distinct texts without control signs: the reader leaves none, so that here they are a last resort."""
    if not pc.any(pc.match_substring_regex(words, NO_TEXT.pattern)).as_py():
        return words
    return pa.array([word and as_text(word) for word in words.to_pylist()], pa.string())


def _wrong(schema: pa.Schema, model: Model) -> str | None:
    wanted = {spec.name: spec.dtype for spec in columns_of(model)}
    names = schema.names
    faults = {
        "нет столбцов": [name for name in wanted if name not in names],
        "лишние столбцы": [name for name in names if name not in wanted],
        "столбцы повторяются": sorted({name for name in names if names.count(name) > 1}),
    }
    faults["не тот тип"] = [
        f"{field.name} ({field.type} вместо {wanted[field.name]})"
        for field in schema
        if field.name in wanted and not _fits(field.type, kind(wanted[field.name]))
    ]
    return "; ".join(f"{what}: {', '.join(which)}" for what, which in faults.items() if which) or None


def _fits(arrow_type: pa.DataType, wanted: str) -> bool:
    """True when the values can be taken without guessing: never a text for a number."""
    if pa.types.is_dictionary(arrow_type):
        arrow_type = arrow_type.value_type
    fits = {
        "Int64": pa.types.is_integer(arrow_type),
        "Float64": pa.types.is_floating(arrow_type) or pa.types.is_integer(arrow_type),
        "boolean": pa.types.is_boolean(arrow_type),
        "str": pa.types.is_string(arrow_type) or pa.types.is_large_string(arrow_type),
    }
    return pa.types.is_null(arrow_type) or fits[wanted]
