import { ponder } from 'ponder:registry';
import { borrowing } from 'ponder:schema';

ponder.on('Morpho:Borrow', async ({ event, context }) => {
  await context.db.insert(borrowing).values({ id: event.id, block: event.block.number, account: event.args.onBehalf, transaction: event.transaction.hash });
});
