"""Dagster's web UI behind the guard, in a process of its own: `python -m msoko_pipeline.orchestration.webserver`.

Put together here as `dagster_webserver.cli` does it, since that offers no place for anything before its application.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import Any

import click
import dagster as dg
import uvicorn
from dagster._cli.workspace.cli_target import WorkspaceOpts, workspace_opts_to_load_target
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._utils.log import configure_loggers
from dagster_webserver import cli as standard
from dagster_webserver.version import __version__
from dagster_webserver.webserver import DagsterWebserver
from graphql import ASTValidationRule, GraphQLError, OperationDefinitionNode, OperationType

from msoko_pipeline.orchestration.serve import HOST
from msoko_pipeline.settings import Settings
from msoko_pipeline.web_guard import Guard, own_hosts


class QueriesOnly(ASTValidationRule):
    """Refuses every mutation, also those for which Dagster asks no permission."""

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        if node.operation is OperationType.MUTATION:
            text = "Веб-интерфейс запущен только для просмотра; чтобы менять, запустите msoko ui без --read-only."
            self.report_error(GraphQLError(text, node))


class Webserver(DagsterWebserver[WorkspaceProcessContext, Any]):
    """Dagster's, which with `read_only` answers queries only."""

    def build_graphql_validation_rules(self) -> Collection[type[ASTValidationRule]]:
        rules = super().build_graphql_validation_rules()
        return (*rules, QueriesOnly) if self._process_context.read_only else rules


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--workspace", required=True, help="файл, в котором сказано, где сервер кода")
@click.option("--read-only", "is_read_only", is_flag=True)
def main(port: int, workspace: str, is_read_only: bool) -> None:
    """Serve until interrupted; DAGSTER_HOME and the settings come from the environment."""
    configure_loggers()
    with dg.DagsterInstance.get() as instance:
        instance.optimize_for_webserver(
            standard.DEFAULT_DB_STATEMENT_TIMEOUT, standard.DEFAULT_POOL_RECYCLE, standard.DEFAULT_POOL_MAX_OVERFLOW
        )
        target = workspace_opts_to_load_target(WorkspaceOpts(workspace=[workspace]))
        with WorkspaceProcessContext(instance, target, __version__, is_read_only) as context:
            app = Webserver(context, live_data_poll_rate=2000).create_asgi_app()
            settings = Settings()
            guarded = Guard(app, own_hosts(port, settings.ui_hosts), f"http://{HOST}:{port}")
            with suppress(KeyboardInterrupt):
                uvicorn.run(guarded, host=settings.ui_listen, port=port, log_level="warning", lifespan="off")


if __name__ == "__main__":
    main()
