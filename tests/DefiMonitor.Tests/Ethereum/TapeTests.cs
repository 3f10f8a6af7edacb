using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Following;
using DefiMonitor.Ethereum.Rpc;
using DefiMonitor.Ethereum.Tape;

namespace DefiMonitor.Tests.Ethereum;

public sealed class TapeTests : IDisposable
{
    private static readonly Address Pool = Address.Parse("0x00000000000000000000000000000000000000aa");
    private static readonly Address Other = Address.Parse("0x00000000000000000000000000000000000000bb");
    private static readonly Hash32 Supply = Keccak256.HashUtf8("Supply()");
    private static readonly LogFilter Filter = new([Pool], [Supply]);
    private static readonly Call[] Calls = [.. Enumerable.Range(0, 5).Select(i => new Call(Pool, new[] { (byte)i, (byte)0, (byte)0, (byte)0 }))];

    private readonly string folder = Directory.CreateTempSubdirectory("tape").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_plays_is_what_was_seen_forks_outages_and_all(bool allLogs)
    {
        var node = Node();
        var recorder = new TapeRecorder(node, Header, allLogs);
        var seen = await ScenarioAsync(node, recorder);
        var path = Path.Combine(folder, "scenario.tape");
        await recorder.SaveAsync(path, CancellationToken.None);
        var tape = await TapeFile.ReadAsync(path);
        tape.Header.Source.ShouldBe("a node in memory");
        tape.Header.Adapters["aave-v3"].ShouldBe("1");

        var player = new TapeTransport(tape);
        var follower = Follower(player);
        var heard = new List<string>();
        while (player.Step())
        {
            heard.AddRange(await LookAsync(follower, new EvmClient(player)));
        }

        ShouldBeTheSame(heard, seen);
        heard.ShouldContain("down");
        heard.ShouldContain(h => h.StartsWith("reverted"));
        heard.ShouldContain(h => h.StartsWith("finalized"));
        player.NotOnTape.ShouldBe(0);
        player.Head.ShouldBe(node.Head);
        tape.CanonicalBlocks()[^1].Header.ShouldBe(node.Head);
    }

    [Fact]
    public async Task Recording_again_gives_the_same_bytes_and_so_does_reading_and_writing()
    {
        var tapes = new List<byte[]>();
        for (var i = 0; i < 2; i++)
        {
            var node = Node();
            var recorder = new TapeRecorder(node, Header, allLogs: true);
            await ScenarioAsync(node, recorder);
            tapes.Add(TapeFile.ToBytes(recorder.ToTape()));
        }

        tapes[1].ShouldBe(tapes[0]);
        TapeFile.ToBytes(await TapeFile.ReadAsync(new MemoryStream(tapes[0]), "x")).ShouldBe(tapes[0]);
    }

    [Fact]
    public async Task An_orphaned_block_can_neither_be_called_nor_read_and_the_canonical_ones_still_can()
    {
        var player = new TapeTransport(await RecordedAsync());
        var client = new EvmClient(player);
        BlockHeader? orphan = null;
        BlockHeader? before = null;
        while (player.Step())
        {
            if (player.Tape.Steps[player.Position - 1] is TapeBlock { Header: var header } && before is not null && header.ParentHash != before.Hash)
            {
                orphan = before;
                break;
            }

            before = player.Head;
        }

        orphan.ShouldNotBeNull();
        (await Should.ThrowAsync<RpcException>(() => client.CallAsync(Calls, orphan, CancellationToken.None))).Kind.ShouldBe(RpcFailure.UnknownBlock);
        (await Should.ThrowAsync<RpcException>(() => client.GetLogsAsync([Filter], orphan, CancellationToken.None))).Kind.ShouldBe(RpcFailure.UnknownBlock);
        (await client.GetHeaderAsync(orphan.Hash, CancellationToken.None)).ShouldBeNull();
        var old = (await client.GetHeaderAsync(101, CancellationToken.None))!;
        (await client.CallAsync(Calls, old, CancellationToken.None)).Results.TryGet(Calls[0], out var result).ShouldBeTrue();
        result.Success.ShouldBeTrue();
        player.NotOnTape.ShouldBe(0);
    }

    [Fact]
    public async Task Blocks_mined_while_the_node_is_down_appear_when_it_is_up_again_and_time_goes_on()
    {
        var player = new TapeTransport(await RecordedAsync());
        var client = new EvmClient(player);
        while (!player.IsDown)
        {
            player.Step().ShouldBeTrue();
        }

        var head = player.Head;
        var now = player.Now;
        var clock = new TapeClock(player);
        var steps = 0;
        while (player.Step() && player.IsDown)
        {
            steps++;
            player.Head.ShouldBe(head);
            (await Should.ThrowAsync<RpcException>(() => client.GetHeadAsync(CancellationToken.None))).Kind.ShouldBe(RpcFailure.Unreachable);
        }

        steps.ShouldBeGreaterThan(1);
        player.Now.ShouldBeGreaterThan(now);
        clock.GetUtcNow().ToUnixTimeSeconds().ShouldBe((long)player.Now);
        player.Head!.Number.ShouldBeGreaterThan(head!.Number + 1);
    }

    [Fact]
    public async Task Answers_during_an_outage_are_there_for_scoring()
    {
        var tape = await RecordedAsync();
        var down = false;
        var scored = new List<ulong>();
        foreach (var step in tape.Steps)
        {
            down = step is TapeDown || (down && step is not TapeUp);
            if (down && step is TapeBlock block && tape.TryAnswer(block.Header.Hash, Calls[1], out var result))
            {
                UInt256.FromBigEndian(result.Data.Span[..32]).ShouldBe(Value(block.Header, 1));
                scored.Add(block.Header.Number);
            }
        }

        // The outage that was made, 118 to 122. Of the one that happened, 125 could not be had.
        scored.ShouldBe([118ul, 119ul, 120ul, 121ul, 122ul, 126ul]);
    }

    [Fact]
    public async Task A_call_without_answer_is_counted_and_told_apart_from_a_revert()
    {
        var player = new TapeTransport(await RecordedAsync());
        player.Step();
        var missing = new Call(Other, new byte[4]);
        var results = await new EvmClient(player).CallAsync([Calls[0], missing], player.Head!, CancellationToken.None);
        results.Pin.ShouldBe(Pin.Strong);
        results.Results.TryGet(missing, out var result).ShouldBeTrue();
        NotOnTapeMarker.Is(result).ShouldBeTrue();
        NotOnTapeMarker.Is(new CallResult(false, default)).ShouldBeFalse();
        player.NotOnTape.ShouldBe(1);
    }

    [Fact]
    public async Task Logs_that_were_not_recorded_are_an_error_and_never_an_empty_list()
    {
        var node = Node();
        var recorder = new TapeRecorder(node, Header, allLogs: false);
        await ScenarioAsync(node, recorder);
        var player = new TapeTransport(recorder.ToTape());
        player.Step();
        var client = new EvmClient(player);
        await client.GetLogsAsync([Filter], player.Head!, CancellationToken.None);
        var e = await Should.ThrowAsync<RpcException>(() => client.GetLogsAsync([new LogFilter([Other], [Supply])], player.Head!, CancellationToken.None));
        e.Message.ShouldContain("record it again");
        player.NotOnTape.ShouldBe(1);
    }

    [Fact]
    public async Task A_chain_without_multicall_is_recorded_and_played_too()
    {
        var node = Node();
        node.Multicall = null;
        var recorder = new TapeRecorder(node, Header with { Multicall = null }, allLogs: true);
        var seen = await ScenarioAsync(node, recorder, new EvmClientOptions { Multicall = null });
        var player = new TapeTransport(recorder.ToTape());
        var heard = new List<string>();
        var follower = Follower(player, new EvmClientOptions { Multicall = null });
        while (player.Step())
        {
            heard.AddRange(await LookAsync(follower, new EvmClient(player, new EvmClientOptions { Multicall = null })));
        }

        ShouldBeTheSame(heard, seen);
    }

    [Fact]
    public async Task A_tape_cut_anywhere_is_refused_with_its_name()
    {
        var whole = TapeFile.ToBytes(await RecordedAsync());
        var path = Path.Combine(folder, "cut.tape");
        for (var length = 0; length < whole.Length; length += Math.Max(1, whole.Length / 50))
        {
            await File.WriteAllBytesAsync(path, whole[..length]);
            (await Should.ThrowAsync<TapeException>(() => TapeFile.ReadAsync(path))).Message.ShouldStartWith("The tape cut.tape cannot be played:");
        }
    }

    [Fact]
    public async Task A_tape_with_any_bit_changed_is_refused_unless_the_bit_means_nothing()
    {
        var whole = TapeFile.ToBytes(await RecordedAsync());
        var random = new Random(3);
        var refused = 0;
        for (var i = 0; i < 500; i++)
        {
            var broken = (byte[])whole.Clone();
            broken[random.Next(broken.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                TapeFile.ToBytes(await TapeFile.ReadAsync(new MemoryStream(broken), "broken.tape")).ShouldBe(whole);
            }
            catch (TapeException e)
            {
                e.Message.ShouldStartWith("The tape broken.tape cannot be played:");
                refused++;
            }
        }

        refused.ShouldBeGreaterThan(480);
    }

    [Theory]
    [InlineData("hello", "its first line does not say so", "{\"hello\":1}\n")]
    [InlineData("version", "format version 9", "{\"format\":\"defimonitor-tape\",\"version\":9}\n")]
    [InlineData("kind", "unknown kind 'banana'", "HEADER{\"banana\":1}\n")]
    [InlineData("answers", "answers without a block", "HEADER{\"answers\":{\"new\":{}}}\n")]
    [InlineData("line", "line 2 is damaged", "HEADER{\"block\":\n")]
    [InlineData("number", "line 2 is damaged", "HEADER{\"block\":-1}\n")]
    [InlineData("end", "breaks off after 1 steps", "HEADER{\"down\":true}\n")]
    [InlineData("count", "should have 7 steps and has 0", "HEADER{\"end\":7}\n")]
    public async Task A_wrong_line_is_named(string file, string words, string text)
    {
        text = text.Replace("HEADER", """{"format":"defimonitor-tape","version":1,"chain":"eip155:1","recordedAt":"","source":"","note":"","adapters":{},"configuration":{}}""" + "\n", StringComparison.Ordinal);
        using var packed = new MemoryStream();
        await using (var brotli = new System.IO.Compression.BrotliStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            await brotli.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text));
        }

        packed.Position = 0;
        var e = await Should.ThrowAsync<TapeException>(() => TapeFile.ReadAsync(packed, file));
        e.Message.ShouldContain(words, customMessage: e.ToString());
        e.Message.ShouldContain(file);
    }

    [Fact]
    public async Task A_missing_tape_is_named()
    {
        var e = await Should.ThrowAsync<TapeException>(() => TapeFile.ReadAsync(Path.Combine(folder, "none.tape")));
        e.Message.ShouldStartWith("The tape none.tape cannot be opened");
    }

    /// <summary>Prices move at every block; 46 accounts with six words each. A third of the 900 blocks is enough to measure.</summary>
    [Fact]
    public void A_crash_of_900_blocks_with_every_accounts_verdict_stays_well_below_three_megabytes()
    {
        var random = new Random(11);
        var calls = Enumerable.Range(0, 46).Select(i => new Call(Pool, Hash32.FromUInt256((ulong)i).ToArray())).ToList();
        var collateral = calls.ConvertAll(_ => (UInt256)(ulong)random.NextInt64(1_000_000_000_000, 90_000_000_000_000));
        var debt = calls.ConvertAll(_ => (UInt256)(ulong)random.NextInt64(500_000_000_000, 60_000_000_000_000));
        var steps = new List<TapeStep>();
        var parent = Hash32.Zero;
        for (var n = 0u; n < 300; n++)
        {
            var answers = new Dictionary<int, CallResult>();
            for (var i = 0; i < calls.Count; i++)
            {
                collateral[i] = collateral[i] * (ulong)random.NextInt64(99_700_000, 100_290_000) / 100_000_000ul;
                debt[i] += debt[i] * (ulong)random.NextInt64(900, 1_100) / 100_000_000_000ul + 1ul;
                var available = collateral[i] * 8_000u / 10_000u is var most && most > debt[i] ? most - debt[i] : UInt256.Zero;
                var health = UInt256.MulDiv(collateral[i] * 8_250u / 10_000u, UInt256.Pow10(18), debt[i], Rounding.HalfUp);
                answers[i] = new CallResult(true, new[] { collateral[i], debt[i], available, 8_250u, 8_000u, health }.SelectMany(w => Hash32.FromUInt256(w).ToArray()).ToArray());
            }

            var hash = Keccak256.HashUtf8($"{n}");
            steps.Add(new TapeBlock(new BlockHeader(n, hash, parent, 1_621_382_400 + (n * 12))) { Answers = answers, Covers = [LogCover.All] });
            parent = hash;
        }

        TapeFile.ToBytes(new ChainTape(Header, steps, calls)).Length.ShouldBeLessThan(2_000_000 / 3);
    }

    /// <summary>How often a node that is down is asked depends on who asks.</summary>
    private static void ShouldBeTheSame(List<string> heard, List<string> seen)
    {
        var once = Once(heard);
        var expected = Once(seen);
        for (var i = 0; i < Math.Min(once.Count, expected.Count); i++)
        {
            once[i].ShouldBe(expected[i], $"at {i}");
        }

        once.Count.ShouldBe(expected.Count);

        static List<string> Once(List<string> all) => [.. all.Where((line, i) => line != "down" || i == 0 || all[i - 1] != "down")];
    }

    private static TapeHeader Header => new()
    {
        Chain = new ChainId(1),
        RecordedAt = "2021-05-19T00:00:00Z",
        Source = "a node in memory",
        Adapters = new Dictionary<string, string> { ["aave-v3"] = "1" },
        Configuration = new Dictionary<string, string> { ["owners.json"] = "{}" },
    };

    private static FakeNode Node() => new()
    {
        LogsOf = n => n % 2 == 0 ? [FakeNode.LogOf(Pool, Supply, 0), FakeNode.LogOf(Other, Supply, 1)] : [],
        OnCall = (call, block) => call.Data.Span[0] switch
        {
            3 => new CallResult(false, new byte[] { 1, 2, 3, 4 }),
            4 => new CallResult(false, default),
            var i => new CallResult(true, (byte[])[.. Hash32.FromUInt256(Value(block, i)).ToArray(), .. new byte[32]]),
        },
        Finalized = 100,
    };

    [Fact]
    public async Task A_pending_block_is_no_block_of_the_tape()
    {
        var node = Node();
        var recorder = new TapeRecorder(node, Header, allLogs: false);
        node.PendingReply = RpcReply.Of(TapeJson.Header(node.Head with { Number = node.Head.Number + 1, Hash = Keccak256.HashUtf8("not built yet"), ParentHash = node.Head.Hash }));
        var pending = RpcRequest.Create("eth_getBlockByNumber", "pending", true);
        await recorder.SendAsync([pending], CancellationToken.None);
        await recorder.SendBesideAsync([pending], CancellationToken.None);
        recorder.TakeFresh().ShouldBeEmpty();

        // As geth tells it: without a hash.
        node.PendingReply = RpcReply.Of(new { number = "0x1", hash = (string?)null, transactions = Array.Empty<object>() });
        await recorder.SendAsync([pending], CancellationToken.None);
        await recorder.SendAsync([RpcRequest.Create("eth_getBlockByNumber", "latest", false)], CancellationToken.None);
        recorder.TakeFresh().ShouldHaveSingleItem().ShouldBe(node.Head);
    }

    /// <summary>Falls and rises over the chain, differs between forks.</summary>
    private static UInt256 Value(BlockHeader block, byte call) => UInt256.Pow10(20) + (block.Hash.ToUInt256() & UInt256.Mask(40)) - (ulong)(call * 1_000) - block.Number;

    private static ChainFollower Follower(IRpcTransport transport, EvmClientOptions? options = null) =>
        new(new EvmClient(transport, options), new ChainFollowerOptions { FinalityEvery = TimeSpan.Zero }, new SimulatedTime());

    private static async Task<ChainTape> RecordedAsync()
    {
        var node = Node();
        var recorder = new TapeRecorder(node, Header, allLogs: true);
        await ScenarioAsync(node, recorder);
        return recorder.ToTape();
    }

    /// <summary>Quiet, a fork, an outage that is made and one that happens, finality.</summary>
    private static async Task<List<string>> ScenarioAsync(FakeNode node, TapeRecorder recorder, EvmClientOptions? options = null)
    {
        var client = new EvmClient(recorder, options);
        var follower = Follower(recorder, options);
        var seen = new List<string>();
        for (var turn = 0; turn < 30; turn++)
        {
            recorder.Outage = turn is >= 15 and < 19;
            node.Fault = _ => turn == 22 ? NodeFault.Fail : NodeFault.None;
            if (turn > 0)
            {
                node.Mine();
            }

            switch (turn)
            {
                case 8:
                    node.Reorg(3, 4);
                    break;
                case 12:
                    node.MineMany(2);
                    node.Finalized = 105;
                    break;
            }

            if (turn != 22)
            {
                await recorder.RecordAsync(node.Head, Calls, CancellationToken.None);
            }

            seen.AddRange(await LookAsync(follower, client));
        }

        return seen;
    }

    private static async Task<List<string>> LookAsync(ChainFollower follower, EvmClient client)
    {
        var seen = new List<string>();
        try
        {
            await foreach (var e in follower.PollAsync(() => [Filter], CancellationToken.None))
            {
                switch (e)
                {
                    case BlockAdded added:
                        seen.Add($"added {added.Header.Ref} {added.Header.Timestamp} {added.IsHead} logs {string.Join(' ', added.Logs.Select(l => $"{l.LogIndex} {l.TransactionHash.Short}"))}");
                        if (added.IsHead)
                        {
                            var results = await client.CallAsync(Calls, added.Header, CancellationToken.None);
                            seen.AddRange(Calls.Select(c =>
                            {
                                results.Results.TryGet(c, out var result).ShouldBeTrue();
                                return $"{c} {result.Success} {Hex.ToString(result.Data.Span)}";
                            }));
                        }

                        break;
                    case BlockReverted reverted:
                        seen.Add($"reverted {reverted.Header.Ref}");
                        break;
                    case BlockFinalized finalized:
                        seen.Add($"finalized {finalized.Block}");
                        break;
                }
            }
        }
        catch (RpcException e) when (e.Kind == RpcFailure.Unreachable)
        {
            if (seen.Count == 0)
            {
                seen.Add("down");
            }
        }

        return seen;
    }
}
