export function GenerationView() {
  return null;
}
