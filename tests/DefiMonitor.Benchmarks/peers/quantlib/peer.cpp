// Prices the options on standard input (sign,forward,strike,vol,years,discount,ours) with QuantLib on one core: its blackFormula in a loop, and an option with
// AnalyticEuropeanEngine behind a quote that moves before every NPV. Prints values a second and the largest difference from ours relative to the forward.
#include <ql/quantlib.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <vector>

using namespace QuantLib;

struct Row { double sign, forward, strike, vol, years, discount, ours; };

// As many short rounds as ours, for the same reason.
template <class F> double best(int repeats, F run) {
    double least = 1e300;
    for (int round = 0; round < 500; round++) {
        auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < repeats; i++) run();
        least = std::min(least, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / repeats);
    }
    return least;
}

int main() {
    std::vector<Row> rows;
    Row r;
    while (std::scanf("%lf,%lf,%lf,%lf,%lf,%lf,%lf", &r.sign, &r.forward, &r.strike, &r.vol, &r.years, &r.discount, &r.ours) == 7) rows.push_back(r);
    if (rows.empty()) { std::fprintf(stderr, "peer: no options on standard input; pipe the output of `pricing --market` into it\n"); return 1; }

    double worst = 0, sum = 0;
    for (auto& o : rows) {
        double value = blackFormula(o.sign > 0 ? Option::Call : Option::Put, o.strike, o.forward, o.vol * std::sqrt(o.years), o.discount);
        worst = std::max(worst, std::fabs(value - o.ours) / o.forward);
    }
    double formula = best(10, [&] {
        for (auto& o : rows) sum += blackFormula(o.sign > 0 ? Option::Call : Option::Put, o.strike, o.forward, o.vol * std::sqrt(o.years), o.discount);
    }) / rows.size();

    Date today(1, January, 2026);
    Settings::instance().evaluationDate() = today;
    Actual365Fixed day;
    std::vector<ext::shared_ptr<SimpleQuote>> quotes;
    std::vector<ext::shared_ptr<VanillaOption>> options;
    for (auto& o : rows) {
        auto quote = ext::make_shared<SimpleQuote>(o.forward);
        Handle<YieldTermStructure> curve(ext::make_shared<FlatForward>(today, -std::log(o.discount) / o.years, day));
        Handle<BlackVolTermStructure> vol(ext::make_shared<BlackConstantVol>(today, NullCalendar(), o.vol, day));
        auto process = ext::make_shared<BlackProcess>(Handle<Quote>(quote), curve, vol);
        auto option = ext::make_shared<VanillaOption>(
            ext::make_shared<PlainVanillaPayoff>(o.sign > 0 ? Option::Call : Option::Put, o.strike),
            ext::make_shared<EuropeanExercise>(today + std::max(1, int(o.years * 365))));
        option->setPricingEngine(ext::make_shared<AnalyticEuropeanEngine>(process));
        quotes.push_back(quote);
        options.push_back(option);
    }
    double move = 1;
    double graph = best(1, [&] {
        move = move == 1 ? 1.01 : 1;
        for (size_t i = 0; i < rows.size(); i++) { quotes[i]->setValue(rows[i].forward * move); sum += options[i]->NPV(); }
    }) / rows.size();

    std::printf("version=%s formula=%.0f graph=%.0f worst=%.1e\n", QL_VERSION, 1 / formula, 1 / graph, worst);
    return std::isfinite(sum) ? 0 : 1;
}
