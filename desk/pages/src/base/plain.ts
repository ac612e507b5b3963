/** Names of queues, menus and fields as people read them: `lost_card` is "lost card". */
export const words = (name: string): string => name.replaceAll("_", " ");
