const one = 10n ** 18n;

/** Holds what happened against what the story promises. */
export function verify({ accounts, blocks, liquidations, reorg, outage, repay }, health) {
  const of = (name) => liquidations.filter((l) => l.user === name);
  const promises = [
    ['there are 44 accounts or more', accounts >= 44],
    ['there are 550 to 900 blocks', blocks >= 550 && blocks <= 900],
    ['twelve liquidations or more', liquidations.length >= 12],
    ['half of them in the block of the price', liquidations.filter((l) => l.sameBlockAsPrice).length * 2 >= liquidations.length],
    ['the reorg undoes the liquidation of reorg-lucky, and only that', reorg.depth >= 3 && reorg.undone.length === 1 && reorg.undone[0].user === 'reorg-lucky'],
    ['reorg-lucky is never liquidated on the chain that stays', of('reorg-lucky').length === 0],
    ['in the outage one account is liquidated, that was within 2 % of the edge before it', liquidations.filter((l) => l.away).length === 1 && of('outage').length > 0],
    ['the outage lasts two minutes or more', outage.seconds >= 120],
    ['one price takes gap from above 1.3 to below 1, and it is liquidated in that block', of('gap')[0]?.sameBlockAsPrice && of('gap')[0].healthBefore > 1.3],
    ['nobody but gap is liquidated from farther than 4 %', liquidations.every((l) => l.user === 'gap' || l.healthBefore < 1.04)],
    ['looper36-interest is liquidated by interest alone', of('looper36-interest').length === 1 && !of('looper36-interest')[0].sameBlockAsPrice],
    ['twin-ignores is liquidated', of('twin-ignores').length > 0],
    ['twin-acts repays and is not', repay !== null && of('twin-acts').length === 0],
    ['no other looper is liquidated', liquidations.every((l) => !l.user.startsWith('looper') || l.user === 'looper36-interest')],
    ['in the end nobody is liquidatable', [...health.values()].every((h) => h >= one)],
  ];
  const broken = promises.filter(([, kept]) => !kept).map(([promise]) => promise);
  if (broken.length > 0) throw new Error(`the story does not keep its promises: ${broken.join('; ')}`);
}
