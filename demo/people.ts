import type { Person } from './model.ts'

/** The company's developers by team: role-like logins. */
export function createPeople(teams: readonly string[]): Map<string, Person[]> {
  const people = new Map<string, Person[]>()
  let count = 0
  for (const team of teams) {
    if (people.has(team)) continue
    const members: Person[] = []
    for (let member = 1; member <= 6; member += 1) {
      count += 1
      const login = `${team}-dev-${member}`
      members.push({ login, name: `Developer ${member} of ${team}`, id: 1000 + count, isBot: false })
    }
    people.set(team, members)
  }
  return people
}

export const dependabot: Person = { login: 'dependabot[bot]', name: 'dependabot[bot]', id: 101, isBot: true }
export const actionsBot: Person = {
  login: 'github-actions[bot]',
  name: 'github-actions[bot]',
  id: 102,
  isBot: true,
}
