/**
 * Whether a file is below `templates` of a Helm chart: it is not YAML before it is rendered.
 * @param charts folders of charts, written like the file: relative to the repository, where empty text is its root, or
 * absolute
 */
export function isOfChart(file: string, charts: readonly string[]): boolean {
  return charts.some((chart) => file.startsWith(chart === '' ? 'templates/' : `${chart}/templates/`));
}
