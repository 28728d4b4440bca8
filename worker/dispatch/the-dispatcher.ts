/** The name of the one that there is. */
export const theDispatcher = 'all';
