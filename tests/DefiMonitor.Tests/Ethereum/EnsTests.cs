using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Ethereum.Ens;

namespace DefiMonitor.Tests.Ethereum;

public sealed class EnsTests
{
    private static readonly Address Registry = Address.Parse("0x00000000000C2E074eC69A0dFb2997BA6C7d2e1e");
    private static readonly Address Resolver = Address.Parse("0x00000000000000000000000000000000000000e5");
    private static readonly Address Alice = Address.Parse("0x00000000000000000000000000000000000a11ce");

    [Fact]
    public void The_node_of_a_name_is_that_of_the_standard()
    {
        // ERC-137, "namehash algorithm".
        Name("foo.eth").Node.ToString().ShouldBe("0xde9b09fd7c5f901e23a3f19fecc54828e9c848539801e86591bd9801b019f84f");
        Name("FOO.eth").Text.ShouldBe("foo.eth");
    }

    [Theory]
    [InlineData("f\u00f6\u00f6.eth", "look the same")]
    [InlineData("vita\u0131ik.eth", "look the same")]
    [InlineData("a_b.eth", "look the same")]
    [InlineData("eth", "no ENS name")]
    [InlineData("a..eth", "no ENS name")]
    [InlineData(".eth", "no ENS name")]
    [InlineData("xn--mnchen-3ya.eth", "no ENS name")]
    public void Names_that_are_not_plain_are_refused_and_it_is_said_why(string text, string says)
    {
        EnsName.TryParse(text, out _, out var error).ShouldBeFalse();
        error.ShouldNotBeNull().ShouldContain(says);
    }

    [Fact]
    public async Task A_name_is_believed_where_the_address_names_it_in_return()
    {
        (await ResolveAsync(reverse: "alice.eth")).ShouldBe(new EnsAnswer(Alice, null));
    }

    [Theory]
    [InlineData("bob.eth", "it names another")]
    [InlineData(null, "does not name alice.eth in return")]
    public async Task A_name_that_the_address_does_not_give_in_return_is_refused(string? reverse, string says)
    {
        var answer = await ResolveAsync(reverse);
        answer.Address.ShouldBeNull();
        answer.Why.ShouldNotBeNull().ShouldContain(says);
    }

    [Fact]
    public async Task A_name_without_a_resolver_or_an_address_stands_for_nobody()
    {
        (await ResolveAsync("alice.eth", hasResolver: false)).Why.ShouldNotBeNull().ShouldContain("no resolver");
        (await ResolveAsync("alice.eth", hasAddress: false)).Why.ShouldNotBeNull().ShouldContain("stands for no address");
    }

    private static async Task<EnsAnswer> ResolveAsync(string? reverse, bool hasResolver = true, bool hasAddress = true)
    {
        var name = Name("alice.eth");
        var back = EnsName.ReverseNode(Alice);
        var node = new FakeNode
        {
            OnCall = (call, _) => (call.To == Registry, Selector(call), NodeOf(call)) switch
            {
                (true, "resolver(bytes32)", var n) when n == name.Node => Word(hasResolver ? Resolver.ToWord() : default),
                (true, "resolver(bytes32)", var n) when n == back => Word(reverse is null ? default : Resolver.ToWord()),
                (false, "addr(bytes32)", var n) when n == name.Node => Word(hasAddress ? Alice.ToWord() : default),
                (false, "name(bytes32)", var n) when n == back && reverse is not null => Text(reverse),
                _ => new CallResult(false, default),
            },
        };
        return await new EnsResolver(new EvmClient(node), Registry).ResolveAsync(name, node.Head, CancellationToken.None);
    }

    private static string? Selector(Call call) =>
        ((string[])["resolver(bytes32)", "addr(bytes32)", "name(bytes32)"]).FirstOrDefault(s => call.Data.Span.StartsWith(AbiSelector.Of(s).Span));

    private static Hash32 NodeOf(Call call) => call.Data.Length == 36 ? Hash32.FromBytes(call.Data.Span[4..]) : default;

    private static CallResult Word(Hash32 word) => new(true, word.ToArray());

    private static CallResult Text(string text)
    {
        var bytes = new byte[96];
        bytes[31] = 32;
        bytes[63] = (byte)text.Length;
        System.Text.Encoding.ASCII.GetBytes(text).CopyTo(bytes, 64);
        return new CallResult(true, bytes);
    }

    private static EnsName Name(string text) => EnsName.TryParse(text, out var name, out var error) ? name : throw new ShouldAssertException(error);
}
