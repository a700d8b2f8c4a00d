import {
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'

export interface QueryCost {
  /** Points that count against the limit: a hundredth of the requests that the connections stand for. */
  points: number
  /** How many nodes could be asked for; more than 500,000 are refused. */
  nodes: number
}

/** What a query costs by GitHub's rules, known before it is executed. */
export function queryCost(document: DocumentNode, variables: Readonly<Record<string, unknown>>): QueryCost {
  const fragments = new Map<string, FragmentDefinitionNode>()
  let operation: OperationDefinitionNode | undefined
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
    else if (definition.kind === Kind.OPERATION_DEFINITION) operation ??= definition
  }
  let requests = 0
  let nodes = 0

  function visit(set: SelectionSetNode | undefined, times: number): void {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FRAGMENT_SPREAD)
        visit(fragments.get(selection.name.value)?.selectionSet, times)
      else if (selection.kind === Kind.INLINE_FRAGMENT) visit(selection.selectionSet, times)
      else visitField(selection, times)
    }
  }

  function visitField(field: FieldNode, times: number): void {
    const size = sizeOf(field, variables)
    if (size !== undefined) {
      requests += times
      nodes += times * size
    }
    visit(field.selectionSet, times * (size ?? 1))
  }

  visit(operation?.selectionSet, 1)
  return { points: Math.max(Math.round(requests / 100), 1), nodes }
}

function sizeOf(field: FieldNode, variables: Readonly<Record<string, unknown>>): number | undefined {
  for (const { name, value } of field.arguments ?? []) {
    if (name.value !== 'first' && name.value !== 'last') continue
    if (value.kind === Kind.INT) return Number(value.value)
    const given = value.kind === Kind.VARIABLE ? variables[value.name.value] : undefined
    if (typeof given === 'number') return given
  }
  return undefined
}
