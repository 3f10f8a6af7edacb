using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk.Derive;
using DefiMonitor.Core.Risk.Options;
using static DefiMonitor.Tests.Risk.Derive.Books;

namespace DefiMonitor.Tests.Risk.Derive;

/// <summary>What must hold of every book, and what bad feeds do to one.</summary>
public sealed class BookTests
{
    private const ulong Week = 604_800;

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 6)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Cash_adds_to_all_three_figures_alike(int seed)
    {
        foreach (var book in Random(seed))
        {
            var (before, after) = (At(book), At(book with { Cash = book.Cash + Wad(1000) }));
            (after.Maintenance - before.Maintenance).ShouldBe(1000, 1e-6);
            (after.Initial - before.Initial).ShouldBe(1000, 1e-6);
            (after.MarkToMarket - before.MarkToMarket).ShouldBe(1000, 1e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Initial_margin_is_never_above_maintenance(int seed)
    {
        foreach (var book in Random(seed))
        {
            var margin = At(book);
            margin.Initial.ShouldBeLessThanOrEqualTo(margin.Maintenance + 1e-9);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void At_a_price_edge_the_model_is_below_zero_and_a_hair_before_it_is_not(int seed)
    {
        var found = 0;
        foreach (var book in Random(seed))
        {
            foreach (var edge in BookEdges.Prices(book))
            {
                var factor = edge.Price.ToDouble() / (double)book.Spots[edge.Underlying];
                Moved(book, edge.Underlying, factor).ShouldBeLessThan(1e-6);
                Moved(book, edge.Underlying, factor * (edge.Side == EdgeSide.Falls ? 1 + 1e-9 : 1 - 1e-9)).ShouldBeGreaterThan(-1e-6);
                found++;
            }
        }

        found.ShouldBeGreaterThan(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_strangle_has_an_edge_on_either_side(bool isPortfolio)
    {
        ExpiryLines[] lines = [Expiry(Week, 2000, Call(2400, -5), Put(1600, -5))];
        DeriveBook book = isPortfolio ? PortfolioOf(1000, 2000, lines) : Standard(2500, Market(2000, lines));
        var edges = BookEdges.Prices(book);
        edges.Select(static edge => edge.Side).ShouldBe([EdgeSide.Falls, EdgeSide.Rises]);
        edges[0].Price.ToDouble().ShouldBeInRange(1000e18, 1999e18);
        edges[1].Price.ToDouble().ShouldBeInRange(2001e18, 3000e18);
        BookEdges.VolatilityRisePpm(book).ShouldNotBeNull().ShouldBeGreaterThan(0u);
    }

    [Fact]
    public void Longs_that_are_paid_for_have_no_edge_at_all()
    {
        var book = Standard(10, Market(2000, Expiry(Week, 2000, Call(2000, 5), Put(1500, 3))));
        BookEdges.Prices(book).ShouldBeEmpty();
        BookEdges.VolatilityRisePpm(book).ShouldBeNull();
        BookEdges.SecondsToBreach(book).ShouldBeNull();
    }

    [Fact]
    public void The_clock_alone_breaches_where_a_long_that_covers_expires_first()
    {
        // A calendar under portfolio margin: the near long covers the far short until it has expired.
        var book = PortfolioOf(900, 2000, Expiry(Week, 2000, Call(2000, 10)), Expiry(8 * Week, 2010, Call(2000, -10)));
        var covered = At(book).Maintenance;
        var cash = 900 - covered + 100;
        var rich = book with { Cash = Wad(cash) };
        At(rich).Maintenance.ShouldBe(100, 1e-6);
        var seconds = BookEdges.SecondsToBreach(rich).ShouldNotBeNull();
        seconds.ShouldBeInRange(1UL, Week);
        rich.Margin(BookMove.None with { Seconds = seconds }).Value!.Value.Maintenance.ShouldBeLessThan(0);
        rich.Margin(BookMove.None with { Seconds = seconds - 1.0 }).Value!.Value.Maintenance.ShouldBeGreaterThanOrEqualTo(0);
    }

    [Fact]
    public void Who_is_below_the_edge_already_has_no_edges()
    {
        var book = Standard(0, Market(2000, Expiry(Week, 2000, Call(2000, -1))));
        At(book).Maintenance.ShouldBeLessThan(0);
        BookEdges.Prices(book).ShouldBeEmpty();
        BookEdges.VolatilityRisePpm(book).ShouldBeNull();
        BookEdges.SecondsToBreach(book).ShouldBeNull();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Figures_that_no_feed_can_mean_are_refused_and_not_priced(bool isPortfolio)
    {
        DeriveBook With(ExpiryLines lines, double spot = 2000) => isPortfolio ? PortfolioOf(1000, spot, lines) : Standard(1000, Market(spot, lines));

        With(Expiry(Week, 2000, Call(2000, -1, -0.5))).Margin(BookMove.None).Refusal.ShouldBe(Refusal.NegativeVolatility);
        With(Expiry(Week, -1, Call(2000, -1))).Margin(BookMove.None).Refusal.ShouldBe(Refusal.NegativeForward);
        With(Expiry(Week, 2000, Call(-2000, -1))).Margin(BookMove.None).Refusal.ShouldBe(Refusal.NegativeStrike);
        With(Expiry(Week, 2000, Call(2000, -1)), spot: -1).Margin(BookMove.None).Refusal.ShouldBe(Refusal.NegativeForward);
        (With(Expiry(Week, 2000, Call(2000, -1))) with { StablePrice = 0 }).Margin(BookMove.None).IsKnown.ShouldBeFalse();
        BookEdges.Prices(With(Expiry(Week, 2000, Call(2000, -1, -0.5)))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_volatility_and_no_time_left_are_the_payoff(bool isPortfolio)
    {
        DeriveBook With(ExpiryLines lines) => isPortfolio ? PortfolioOf(0, 2000, lines) : Standard(0, Market(2000, lines));

        At(With(Expiry(Week, 2000, Call(1500, 1, 0)))).MarkToMarket.ShouldBe(500, 1e-9);
        At(With(Expiry(0, 2000, Call(1500, -1)))).MarkToMarket.ShouldBe(-500, 1e-9);
        At(With(new ExpiryLines(Now - Week, Wad(1900), 0, 0, Wad(1), [Put(2000, -1)]))).MarkToMarket.ShouldBe(-100, 1e-9);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_strike_beyond_all_prices_is_no_number_that_escapes(bool isPortfolio)
    {
        var far = new OptionLine(true, Int128.MaxValue, Wad(-1), Wad(0.5));
        DeriveBook book = isPortfolio ? PortfolioOf(1000, 2000, Expiry(Week, 2000, far)) : Standard(1000, Market(2000, Expiry(Week, 2000, far)));
        At(book).MarkToMarket.ShouldBe(1000, 1e-9);
        var put = far with { IsCall = false };
        DeriveBook owed = isPortfolio ? PortfolioOf(1000, 2000, Expiry(Week, 2000, put)) : Standard(1000, Market(2000, Expiry(Week, 2000, put)));
        At(owed).Maintenance.ShouldBeLessThan(-1e20);
    }

    [Fact]
    public void Without_confidence_the_initial_margin_pays_the_whole_factor()
    {
        var lines = Expiry(Week, 2000, Call(2000, -1));
        var standard = At(Standard(0, Market(2000, lines))).Initial - At(Standard(0, Market(2000, lines with { Confidence = 0 }))).Initial;
        standard.ShouldBe(0.4 * 2000, 1e-9);
        var portfolio = At(PortfolioOf(0, 2000, lines)).Initial - At(PortfolioOf(0, 2000, lines with { Confidence = 0 })).Initial;
        portfolio.ShouldBe(1 * 2000, 1e-9);
    }

    private static BookMargin At(DeriveBook book) => book.Margin(BookMove.None).Value!.Value;

    private static double Moved(DeriveBook book, int underlying, double factor) =>
        book.Margin(BookMove.None with { Underlying = underlying, SpotFactor = factor }).Value!.Value.Maintenance;

    private static IEnumerable<DeriveBook> Random(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 4; i++)
        {
            var lines = Enumerable.Range(1, 3).Select(week => Expiry((ulong)week * Week, 2000 + week, Options(random))).ToArray();
            var perp = new PerpLine(Wad(random.Next(-9, 10)), Wad(2001), Wad(1), Wad(random.Next(-100, 100)));
            var cash = random.Next(0, 20_000);
            yield return Standard(cash, Market(2000, lines) with { Perp = perp, Base = Wad(random.Next(0, 4)) }, Market(30_000, Expiry(Week, 30_100, Options(random, 15))));
            yield return PortfolioOf(cash, 2000, lines) with { Perp = perp };
        }
    }

    private static OptionLine[] Options(Random random, double scale = 1) =>
    [
        .. Enumerable.Range(0, 4).Select(_ => new OptionLine(
            random.Next(2) == 0, Wad(scale * random.Next(14, 30) * 100), Wad(random.Next(-3, 4)), Wad(0.3 + (random.Next(100) / 100.0)))),
    ];
}
