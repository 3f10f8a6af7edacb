using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>
/// Everything that is read at a head: markets that open, accounts that enter, and, in steady state the only call, the reads of every protocol
/// together with the chain's own view of a few accounts. All at one block; answers are written once a whole question is answered, in the order asked.
/// </summary>
internal sealed class HeadReader(IReadOnlyList<IProtocol> protocols, Census census, EvmClient client, BlockClock clock)
{
    private const int OpenRounds = 6;
    private const int SnapshotRounds = 4;

    /// <param name="block">The head, folded.</param>
    /// <param name="compare">Accounts to ask the chain's own view of.</param>
    /// <param name="enterAtMost">Accounts that may enter.</param>
    /// <param name="beside">Calls that are answered with the reads and written nowhere.</param>
    public async Task<HeadReading> ReadAsync(
        JournalBlock block, IReadOnlyList<MarginAccountId> compare, int enterAtMost, IReadOnlyList<Call> beside, CancellationToken cancellationToken)
    {
        var reading = new HeadReading(protocols.Count);
        await OpenAsync(block, reading, cancellationToken);
        await EnterAsync(block, [.. FirstWaiting(block.Header, enterAtMost)], reading, cancellationToken);
        clock.Spent(BlockStage.Enter);
        await ReadsAsync(block, compare, beside, reading, cancellationToken);
        return reading;
    }

    /// <summary>Reads accounts afresh that are in already, because the chain says otherwise.</summary>
    public Task ReadAgainAsync(JournalBlock block, IReadOnlyList<MarginAccountId> accounts, HeadReading reading, CancellationToken cancellationToken) =>
        EnterAsync(block, accounts, reading, cancellationToken);

    private IEnumerable<MarginAccountId> FirstWaiting(BlockHeader head, int atMost)
    {
        foreach (var account in census.Waiting)
        {
            if (atMost == 0)
            {
                yield break;
            }

            if (census.TryGet(account, out var member) && protocols[member.Protocol].IsOpen && member.IsThereAt(head))
            {
                atMost--;
                yield return account;
            }
        }
    }

    private async Task OpenAsync(JournalBlock block, HeadReading reading, CancellationToken cancellationToken)
    {
        var asking = new List<Question>();
        for (var p = 0; p < protocols.Count; p++)
        {
            if (!protocols[p].IsOpen)
            {
                var protocol = protocols[p];
                asking.Add(new Question(p, protocol.Open));
            }
        }

        if (asking.Count == 0)
        {
            return;
        }

        try
        {
            await AskAsync(asking, OpenRounds, block.Header, reading, cancellationToken);
        }
        catch (RpcException e)
        {
            foreach (var question in asking)
            {
                reading.Fail(question.Protocol, e);
            }

            return;
        }

        foreach (var question in asking)
        {
            var protocol = protocols[question.Protocol];
            Write(question, block);
            if (!protocol.IsOpen)
            {
                reading.Fail(question.Protocol, $"the market's own state could not be read whole at block {block.Header.Ref}");
            }
        }
    }

    private async Task EnterAsync(JournalBlock block, IReadOnlyList<MarginAccountId> accounts, HeadReading reading, CancellationToken cancellationToken)
    {
        var asking = new List<Question>(accounts.Count);
        foreach (var account in accounts)
        {
            if (census.TryGet(account, out var member) && protocols[member.Protocol].IsOpen)
            {
                var protocol = protocols[member.Protocol];
                asking.Add(new Question(member.Protocol, soFar => protocol.Snapshot(account, soFar)) { Account = account });
            }
        }

        if (asking.Count == 0)
        {
            return;
        }

        try
        {
            await AskAsync(asking, SnapshotRounds, block.Header, reading, cancellationToken);
        }
        catch (RpcException e)
        {
            foreach (var question in asking)
            {
                reading.FailEnter(question.Protocol, e.Message);
            }

            return;
        }

        foreach (var question in asking)
        {
            if (question.IsWhole)
            {
                Write(question, block);
                if (protocols[question.Protocol].HasEntered(question.Account!))
                {
                    block.Entered.Add(question.Account!);
                    block.Touched.Add(question.Account!);
                }
            }
            else
            {
                reading.FailEnter(question.Protocol, $"calls of the snapshot of {question.Account} could not be made at block {block.Header.Ref}");
            }

            census.Review(question.Account!);
        }
    }

    private async Task ReadsAsync(
        JournalBlock block, IReadOnlyList<MarginAccountId> compare, IReadOnlyList<Call> beside, HeadReading reading, CancellationToken cancellationToken)
    {
        var reads = new List<Call>[protocols.Count];
        var all = new List<Call>(beside);
        for (var p = 0; p < protocols.Count; p++)
        {
            reads[p] = [];
            if (protocols[p].IsOpen && reading.FailureOf(p) is null)
            {
                reads[p].AddRange(protocols[p].Reads(block.Header));
                all.AddRange(reads[p]);
            }
        }

        foreach (var account in compare)
        {
            if (census.TryGet(account, out var member) && protocols[member.Protocol].IsOpen && !census.Waiting.Contains(account))
            {
                reading.Compared.Add(account);
                foreach (var call in protocols[member.Protocol].Confirm(account))
                {
                    reading.Confirms.Add((member.Protocol, call));
                    all.Add(call);
                }
            }
        }

        PinnedResults answers;
        try
        {
            answers = await client.CallAsync(all, block.Header, cancellationToken);
        }
        catch (RpcException e)
        {
            for (var p = 0; p < protocols.Count; p++)
            {
                reading.Fail(p, e);
            }

            return;
        }

        reading.Answers = answers.Results;
        reading.Weak |= answers.Pin == Pin.Weak;
        for (var p = 0; p < protocols.Count; p++)
        {
            if (protocols[p].IsOpen && reading.FailureOf(p) is null)
            {
                WriteReads(p, reads[p], block, reading);
            }
        }
    }

    /// <summary>
    /// What the chain said of compared accounts, into the tables. Only after the comparison: the answers may be an account's own figures, and then the chain
    /// would be held against itself.
    /// </summary>
    public void WriteConfirms(JournalBlock block, HeadReading reading)
    {
        foreach (var (p, call) in reading.Confirms)
        {
            if (reading.FailureOf(p) is null && reading.Answers.TryGet(call, out var result))
            {
                protocols[p].ApplyRead(block.Header, call, result, block.Touched);
            }
        }
    }

    private void WriteReads(int p, List<Call> reads, JournalBlock block, HeadReading reading)
    {
        var missing = 0;
        foreach (var call in reads)
        {
            missing += reading.Answers.Contains(call) ? 0 : 1;
        }

        if (missing > 0)
        {
            reading.Fail(p, $"{missing} of {reads.Count} reads could not be made at block {block.Header.Ref}");
            return;
        }

        foreach (var call in reads)
        {
            reading.Answers.TryGet(call, out var result);
            protocols[p].ApplyRead(block.Header, call, result, block.Touched);
        }
    }

    private async Task AskAsync(List<Question> asking, int rounds, BlockHeader at, HeadReading reading, CancellationToken cancellationToken)
    {
        for (var round = 0; round < rounds; round++)
        {
            var batch = new List<Call>();
            foreach (var question in asking)
            {
                question.Next(batch);
            }

            if (batch.Count == 0)
            {
                return;
            }

            var answers = await client.CallAsync(batch, at, cancellationToken);
            reading.Weak |= answers.Pin == Pin.Weak;
            foreach (var question in asking)
            {
                question.Take(answers.Results);
            }
        }
    }

    private void Write(Question question, JournalBlock block)
    {
        foreach (var call in question.Asked)
        {
            if (question.SoFar.TryGet(call, out var result))
            {
                protocols[question.Protocol].ApplyRead(block.Header, call, result, block.Touched);
            }
        }
    }

    /// <summary>A question in rounds: what to ask next depends on the answers so far.</summary>
    private sealed class Question(int protocol, Func<CallResults, IEnumerable<Call>> next)
    {
        private readonly HashSet<Call> known = [];

        public int Protocol => protocol;

        public MarginAccountId? Account { get; init; }

        public CallResults SoFar { get; } = new();

        public List<Call> Asked { get; } = [];

        public bool IsWhole => SoFar.Count == Asked.Count;

        public void Next(List<Call> batch)
        {
            foreach (var call in next(SoFar))
            {
                if (known.Add(call))
                {
                    Asked.Add(call);
                    batch.Add(call);
                }
            }
        }

        public void Take(CallResults answers)
        {
            foreach (var call in Asked)
            {
                if (!SoFar.Contains(call) && answers.TryGet(call, out var result))
                {
                    SoFar.Set(call, result);
                }
            }
        }
    }
}

/// <summary>What came in at one head.</summary>
internal sealed class HeadReading(int protocols)
{
    private readonly string?[] failures = new string?[protocols];
    private readonly string?[] entering = new string?[protocols];

    public CallResults Answers { get; set; } = new();

    /// <summary>True when some answer was read by number, between two looks at the same header.</summary>
    public bool Weak { get; set; }

    /// <summary>True when somebody asked could not enter.</summary>
    public bool IsAnyoneOutside => Array.Exists(entering, static why => why is not null);

    /// <summary>Accounts whose own view was asked for.</summary>
    public List<MarginAccountId> Compared { get; } = [];

    /// <summary>The calls that asked for it.</summary>
    public List<(int Protocol, Call Call)> Confirms { get; } = [];

    /// <summary>Why the protocol's reads did not come in; null = they did.</summary>
    public string? FailureOf(int protocol) => failures[protocol];

    /// <summary>Why accounts of the protocol could not enter; null = those asked did.</summary>
    public string? EnterFailureOf(int protocol) => entering[protocol];

    /// <summary>True when its reads came in, and everybody who was to enter did: what is said of its accounts can be said now.</summary>
    public bool IsWhole(int protocol) => failures[protocol] is null && entering[protocol] is null;

    public void Fail(int protocol, string reason) => failures[protocol] ??= reason;

    public void FailEnter(int protocol, string reason) => entering[protocol] = reason;

    public void Fail(int protocol, RpcException e) => Fail(protocol, e.Message);
}
