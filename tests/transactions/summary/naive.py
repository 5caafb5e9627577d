"""The summary once more, in plain Python and day by day, to hold the real one against."""

from __future__ import annotations

from collections import defaultdict


def summarize_lines(lines, end, refunds="net"):
    """``{customer: (purchase days, first, last, repeat spend, repeat days with spend)}`` and the refunds left over.

    ``lines`` are (customer, day, order, amount) with whole numbers; order None means that the line is an order.
    """
    orders = defaultdict(list)
    for number, (customer, day, order, amount) in enumerate(lines):
        if customer is not None and day is not None and day <= end:
            orders[customer, ("line", number) if order is None else order].append((day, amount))
    days = defaultdict(lambda: defaultdict(list))
    for (customer, _), parts in orders.items():
        net = sum(amount for _, amount in parts)
        refund = any(amount < 0 for _, amount in parts) and net <= 0
        if not (refund and refunds == "drop"):
            days[customer][min(day for day, _ in parts)].append((net, refund))
    summary, unmatched = {}, 0
    for customer, its_days in days.items():
        credit, bought = 0, {}
        for day in sorted(its_days, reverse=True):
            net = sum(amount for amount, _ in its_days[day])
            free = net == 0 and not any(refund for _, refund in its_days[day])
            left = max(net - credit, 0) if net > 0 else 0
            credit = max(credit - net, 0)
            if left > 0 or free:
                bought[day] = left
        unmatched += credit
        if bought:
            first = min(bought)
            spent = [left for day, left in bought.items() if day > first and left > 0]
            summary[customer] = (len(bought), first, max(bought), sum(spent), len(spent))
    return summary, unmatched
