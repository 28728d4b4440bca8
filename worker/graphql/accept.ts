/** What a caller wants to be answered with, as far as it matters beside Yoga's own choice. */

/** Whether a stream of events is among it. Who names nothing takes anything. */
export function takesEvents(accept: string | null): boolean {
  const types = typesOf(accept);
  return types.length === 0 || types.some(type => type === '*/*' || isEvents(type));
}

/** Whether there is nothing else among it. */
export function takesOnlyEvents(accept: string | null): boolean {
  const types = typesOf(accept);
  return types.length > 0 && types.every(isEvents);
}

function isEvents(type: string): boolean {
  return type === 'text/event-stream' || type === 'text/*';
}

function typesOf(accept: string | null): string[] {
  const types = (accept ?? '').split(',').map(part => part.split(';')[0]!.trim().toLowerCase());
  return types.filter(type => type !== '');
}
