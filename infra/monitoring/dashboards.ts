import { ReduceDataOptionsBuilder, VizLegendOptionsBuilder } from '@grafana/grafana-foundation-sdk/common'
import { DashboardBuilder, DatasourceVariableBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as LinesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { type Panel, type Row, rows } from './panels.ts'

export interface Dashboard {
  uid: string
  panels?: { title?: string; targets?: { expr: string }[]; panels?: Dashboard['panels'] }[]
}

const SOURCE = { type: 'prometheus', uid: '$source' }

/** A stat shows the newest value, lines begin at nothing and say what they are. */
const stat = () => new StatBuilder().span(6).reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
const lines = () => new LinesBuilder().span(12).min(0).legend(new VizLegendOptionsBuilder().showLegend(true))

function panelOf({ title, about, unit, kind, queries }: Panel, id: number) {
  const builder = kind === 'stat' ? stat() : lines()
  builder.id(id).title(title).description(about).unit(unit).datasource(SOURCE).height(8)
  for (const [i, [legend, expr]] of Object.entries(queries).entries())
    builder.withTarget(new DataqueryBuilder().refId('ABC'.charAt(i)).expr(expr).legendFormat(legend).datasource(SOURCE))
  return builder
}

function dashboardOf(uid: string, title: string, sections: readonly Row[]): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .tags(['openhcs'])
    .refresh('30s')
    .time({ from: 'now-6h', to: 'now' })
    .timezone('browser')
    .withVariable(new DatasourceVariableBuilder('source').label('Prometheus').type('prometheus'))
  let id = 1
  for (const { title: name, panels } of sections) {
    builder.withRow(new RowBuilder(name).id(id++))
    for (const panel of panels) builder.withPanel(panelOf(panel, id++))
  }
  return builder.build() as object as Dashboard
}

/** What is put into Grafana, by the name of its file. */
export const dashboards: Readonly<Record<string, Dashboard>> = {
  journeys: dashboardOf('openhcs-journeys', 'OpenHCS: what people notice', rows.journeys),
  service: dashboardOf('openhcs-service', 'OpenHCS: rooms, database, jobs', rows.service),
  business: dashboardOf('openhcs-business', 'OpenHCS: care', rows.business),
}

/** Each query with the panel it belongs to. */
export const queriesOf = (dashboard: Dashboard): { panel: string; expr: string }[] =>
  (dashboard.panels ?? []).flatMap(({ title = '', targets = [], panels = [] }) => [
    ...targets.map(({ expr }) => ({ panel: title, expr })),
    ...queriesOf({ uid: '', panels }),
  ])
