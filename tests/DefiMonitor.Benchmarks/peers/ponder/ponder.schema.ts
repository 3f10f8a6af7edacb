import { onchainTable } from 'ponder';

// What ours keeps of a log: who, where, and the transaction.
export const borrowing = onchainTable('borrowing', t => ({
  id: t.text().primaryKey(), block: t.bigint().notNull(), account: t.hex().notNull(), transaction: t.hex().notNull(),
}));
