"""Short paragraphs with labels, for tests of training inside other tools."""

from __future__ import annotations

from itertools import product

LABELS = ("消毒", "screening", "supply")
_WHO = ("县里", "街道干部", "社区志愿者", "镇卫生院", "值班民警")
_DONE = {
    (): ("召开会议总结上月工作", "介绍当地气候和地形", "回顾去年的收成"),
    ("消毒",): ("对车站和菜场喷洒消毒液", "每天给楼道消毒两次"),
    ("screening",): ("在路口测量体温并登记", "挨家排查发热的人"),
    ("supply",): ("给封控小区送去大米和蔬菜", "紧急调运饮用水和帐篷"),
}
_TWO = (("消毒",), ("supply",))


def paragraphs() -> tuple[list[str], list[tuple[str, ...]]]:
    """Texts and the labels of each."""
    texts, labels = [], []
    for who, (given, actions) in product(_WHO, _DONE.items()):
        for action in actions:
            texts.append(f"{who}{action}。")
            labels.append(given)
    for who, first, second in product(_WHO, *(_DONE[given] for given in _TWO)):
        texts.append(f"{who}{first}，随后{second}。")
        labels.append(("消毒", "supply"))
    return texts, labels
