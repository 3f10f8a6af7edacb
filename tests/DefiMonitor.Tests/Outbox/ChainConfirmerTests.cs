using System.Text.Json;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;
using DefiMonitor.Engine.Outbox;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Rpc;
using DefiMonitor.Tests.Sinks;

namespace DefiMonitor.Tests.Outbox;

public sealed class ChainConfirmerTests
{
    private static readonly ChainId Chain = new(1);

    [Fact]
    public async Task The_chains_own_view_at_the_alerts_block_confirms()
    {
        var (confirmer, node, told) = World();

        (await AskAsync(confirmer, told)).State.ShouldBe(ConfirmationState.Confirmed);

        // By the block's hash first.
        node.Asked.First(r => r.Method == "eth_call").Params[1].GetRawText().ShouldContain(told.Block.Hash.ToString());
    }

    [Fact]
    public async Task A_view_that_differs_disputes_and_shows_both_figures()
    {
        var (confirmer, node, told) = World();
        node.Verdict = 2;

        var said = await AskAsync(confirmer, told);

        said.State.ShouldBe(ConfirmationState.Disputed);
        said.Reason.ShouldBe("ours 1, the chain's 2");
        said.Ours.ShouldBe("healthFactor 1");
        said.Chain.ShouldBe("healthFactor 2");
    }

    [Theory]
    [InlineData(0, ConfirmationState.Confirmed, "would let anyone liquidate")]
    [InlineData(5, ConfirmationState.Unconfirmed, "would not let anyone liquidate")]
    public async Task When_the_alerts_block_is_gone_the_verdict_at_the_head_counts(int verdict, ConfirmationState state, string says)
    {
        var (confirmer, node, told) = World(AlertLevel.Liquidatable);
        node.Verdict = verdict;
        node.Gone = told.Block.Number;

        var said = await AskAsync(confirmer, told);

        said.State.ShouldBe(state);
        said.Reason!.ShouldContain(says);
        said.Reason!.ShouldContain("no longer serves block 100");
    }

    [Fact]
    public async Task When_the_alerts_block_is_gone_figures_of_another_block_prove_nothing()
    {
        var (confirmer, node, told) = World(AlertLevel.Critical);
        node.Gone = told.Block.Number;

        (await AskAsync(confirmer, told)).State.ShouldBe(ConfirmationState.Unconfirmed);
    }

    [Fact]
    public async Task A_dead_node_is_a_reason_and_no_exception()
    {
        var (confirmer, node, told) = World();
        node.Dead = true;

        var said = await AskAsync(confirmer, told);

        said.ShouldBe(Confirmation.Unconfirmed("http://node is down."));
    }

    [Fact]
    public async Task After_a_restart_there_is_nothing_to_compare_with()
    {
        var (_, node, told) = World();
        var confirmer = new ChainConfirmer(new Dictionary<ChainId, ConfirmingChain> { [Chain] = new(Client(node), new JudgedStates()) });

        (await AskAsync(confirmer, told)).Reason!.ShouldContain("restarted");
        (await AskAsync(new ChainConfirmer(new Dictionary<ChainId, ConfirmingChain>()), told)).Reason!.ShouldContain("not followed");
    }

    [Fact]
    public async Task Several_accounts_of_a_block_are_asked_together_and_answered_in_order()
    {
        var node = new ToyNode();
        var states = new JudgedStates();
        var told = new[] { "a", "b", "c" }.Select(a => OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Critical, alert: a)).ToList();
        foreach (var one in told)
        {
            states.Remember(new ToyProtocol(), new ToyState(one.Report!.Account, one.Block, one == told[1] ? 9UL : 1UL));
        }

        var said = await new ChainConfirmer(new Dictionary<ChainId, ConfirmingChain> { [Chain] = new(Client(node), states) }).ConfirmAsync(Chain, told, CancellationToken.None);

        said.Select(c => c.State).ShouldBe([ConfirmationState.Confirmed, ConfirmationState.Disputed, ConfirmationState.Confirmed]);
        node.Posts.ShouldBeLessThan(6);
    }

    [Fact]
    public void Judged_states_forget_the_oldest_first()
    {
        var states = new JudgedStates(capacity: 2);
        var told = new[] { "a", "b", "c" }.Select(a => OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Critical, alert: a)).ToList();
        foreach (var one in told)
        {
            states.Remember(new ToyProtocol(), new ToyState(one.Report!.Account, one.Block, 1));
        }

        told.Select(t => states.Find(t.Report!.Account, t.Block.Hash) is not null).ShouldBe([false, true, true]);
    }

    private static (ChainConfirmer Confirmer, ToyNode Node, AlertTransition Told) World(AlertLevel level = AlertLevel.Critical)
    {
        var node = new ToyNode();
        var states = new JudgedStates();
        var told = OutboxHouse.Told(TransitionKind.Opened, level);
        told = told with { Report = told.Report! with { NativeWords = [new NativeWord("healthFactor", 1UL)] } };
        states.Remember(new ToyProtocol(), new ToyState(told.Report!.Account, told.Block, 1));
        return (new ChainConfirmer(new Dictionary<ChainId, ConfirmingChain> { [Chain] = new(Client(node), states) }), node, told);
    }

    private static EvmClient Client(ToyNode node) => new(node, new EvmClientOptions { Multicall = null });

    private static async Task<Confirmation> AskAsync(ChainConfirmer confirmer, AlertTransition told) =>
        (await confirmer.ConfirmAsync(Chain, [told], CancellationToken.None)).ShouldHaveSingleItem();

    private sealed record ToyState(MarginAccountId Account, BlockHeader Block, ulong Health) : AccountState(Account, Block);

    /// <summary>The chain's verdict is one word: the health factor; below 1 anyone may liquidate.</summary>
    private sealed class ToyProtocol : IProtocol
    {
        public DeploymentId Id { get; } = new("toy", Chain, "core");

        public IReadOnlyList<IStateTable> Tables => [];

        public IReadOnlyCollection<LogFilter> Filters => [];

        public bool IsOpen => true;

        public IEnumerable<Call> Open(CallResults soFar) => [];

        public void Apply(BlockHeader block, Log log, ISet<MarginAccountId> touched) => throw new NotSupportedException();

        public MarginAccountId? Discover(Log log) => null;

        public MarginAccountId AccountOf(Address owner) => new(Id, owner.ToHex());

        public bool HasEntered(MarginAccountId account) => true;

        public IEnumerable<Call> Snapshot(MarginAccountId account, CallResults soFar) => [];

        public IEnumerable<Call> Reads(BlockHeader head) => [];

        public void ApplyRead(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched) => throw new NotSupportedException();

        public AccountState Capture(MarginAccountId account, BlockHeader block) => throw new NotSupportedException();

        public MarginReport Evaluate(AccountState state, Instant at, Shock shock) => throw new NotSupportedException();

        public int SlotOf(MarginAccountId account) => throw new NotSupportedException();

        public void JudgeMany(ReadOnlySpan<int> slots, BlockHeader block, Instant at, Span<Verdict> verdicts) => throw new NotSupportedException();

        public IEnumerable<Call> Confirm(MarginAccountId account) => [new Call(Address.Parse("0x00000000000000000000000000000000000000cc"), Convert.FromHexString(account.Key[2..]))];

        public Agreement Compare(AccountState state, CallResults results)
        {
            if (!results.TryGet(Confirm(state.Account).Single(), out var result) || !result.Success)
            {
                return new Agreement(AgreementKind.Unreadable, "the view can't be read", [], null);
            }

            var chain = (ulong)UInt256.FromBigEndian(result.Data.Span);
            var ours = ((ToyState)state).Health;
            return new Agreement(
                chain == ours ? AgreementKind.Equal : AgreementKind.Different,
                chain == ours ? "" : $"ours {ours}, the chain's {chain}",
                [new NativeWord("healthFactor", chain)],
                chain < 1);
        }
    }

    private sealed class ToyNode : IRpcTransport
    {
        private const ulong Head = 105;

        public string Name => "http://node";

        public int Verdict { get; set; } = 1;

        /// <summary>Number of a block that a reorg or pruning took away.</summary>
        public ulong? Gone { get; set; }

        public bool Dead { get; set; }

        public List<RpcRequest> Asked { get; } = [];

        public int Posts { get; private set; }

        public Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken)
        {
            if (Dead)
            {
                throw new RpcException(RpcFailure.Unreachable, "http://node is down.");
            }

            Posts++;
            Asked.AddRange(batch);
            return Task.FromResult<IReadOnlyList<RpcReply>>([.. batch.Select(Answer)]);
        }

        private RpcReply Answer(RpcRequest request)
        {
            if (request.Method == "eth_getBlockByNumber")
            {
                var tag = request.Params[0].GetString()!;
                var number = tag == "latest" ? Head : Convert.ToUInt64(tag, 16);
                var block = Messages.Block(number, 1_768_478_390);
                return RpcReply.Of(new { number = $"0x{number:x}", hash = block.Hash.ToString(), parentHash = block.ParentHash.ToString(), timestamp = "0x696a2e36" });
            }

            request.Method.ShouldBe("eth_call");
            var at = request.Params[1];
            var gone = Gone is { } missing && (at.ValueKind == JsonValueKind.Object
                ? at.GetProperty("blockHash").GetString() == Messages.HashOf(missing).ToString()
                : at.GetString() == $"0x{missing:x}");
            return gone ? RpcReply.Failed(-32000, "header not found")
                : request.Params[0].TryGetProperty("to", out _) ? RpcReply.Of($"0x{Verdict:x64}")
                : RpcReply.Of("0x");
        }
    }
}
