import type * as sdk from '@grafana/grafana-foundation-sdk/dashboard'
import type * as stat from '@grafana/grafana-foundation-sdk/stat'
import type * as table from '@grafana/grafana-foundation-sdk/table'
import type * as timeseries from '@grafana/grafana-foundation-sdk/timeseries'

/**
 * The JSON model of dashboards, as Grafana's Foundation SDK describes it. Only its types are used: what is written
 * here are plain objects, so an enumeration stands for its values.
 */
type Plain<Type> = 0 extends 1 & Type
  ? Type
  : Type extends string
    ? `${Type}`
    : Type extends (infer Item)[]
      ? Plain<Item>[]
      : Type extends object
        ? { [Key in keyof Type]: Plain<Type[Key]> }
        : Type

/** A query in InfluxQL. The SDK has no type for it. */
export interface Target {
  refId: string
  datasource: { type: 'influxdb'; uid: string }
  rawQuery: true
  query: string
  resultFormat: 'table' | 'time_series'
  /** Names a series: `$tag_service`. */
  alias?: string
}

type FieldConfig<Custom> = Omit<Plain<sdk.FieldConfig>, 'custom' | 'links'> & {
  custom?: Partial<Plain<Custom>>
  noValue: string
}

interface PanelOf<Kind extends string, Options, Custom> extends Omit<
  Plain<sdk.Panel>,
  'type' | 'id' | 'gridPos' | 'targets' | 'options' | 'fieldConfig' | 'datasource'
> {
  type: Kind
  title: string
  description: string
  datasource: Target['datasource']
  targets: Target[]
  options: Plain<Options>
  fieldConfig: { defaults: FieldConfig<Custom>; overrides: Override[] }
}

/** What holds for some columns or series, found by their name. */
export interface Override {
  matcher: { id: 'byName' | 'byRegexp'; options: string }
  properties: { id: string; value: unknown }[]
}

export type Panel =
  | PanelOf<'stat', stat.Options, object>
  | PanelOf<'table', table.Options, table.FieldConfig>
  | PanelOf<'timeseries', timeseries.Options, timeseries.FieldConfig>

/** A panel with its place, in a grid of 24 columns. */
export type PlacedPanel = Panel & { id: number; gridPos: sdk.GridPos }
export type RowPanel = Plain<sdk.RowPanel>
export type Variable = Plain<sdk.VariableModel>
export type Link = Plain<sdk.DashboardLink>
export type Mapping = Plain<sdk.ValueMapping>

/** Deployments and the like, marked on the time axis of all panels. */
export type Annotation = Omit<Plain<sdk.AnnotationQuery>, 'target'> & {
  target: Target & { fromAnnotations: true; titleColumn: string; textColumn: string; tagsColumn: string }
}

export type Dashboard = Omit<Plain<sdk.Dashboard>, 'panels' | 'annotations' | 'templating'> & {
  uid: string
  title: string
  panels: (PlacedPanel | RowPanel)[]
  annotations: { list: Annotation[] }
  templating: { list: Variable[] }
}
